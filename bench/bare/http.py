"""The bare endpoint: FastAPI and motor, the same reads and the same writes in one transaction.

uvicorn on uvloop and httptools, like the services. The fact stays in the outbox: nothing here
publishes it, takes it away, or answers a repeated key other than with an error.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import uvicorn
from bson import Timestamp
from fastapi import FastAPI, Header, HTTPException
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel

from bench.bare.commands import fact_body, fact_headers
from bench.bare.settings import BareSettings


class Changes(BaseModel):
    """What may change of a person."""

    nom: str | None = None
    prenom: str | None = None
    telephone: str | None = None
    poste: str | None = None


class UserRef(BaseModel):
    """The account that was changed."""

    user_id: str


def make_app(settings: BareSettings) -> FastAPI:
    """The application, with its one route."""
    app = FastAPI(lifespan=_say_ready)
    client: Any = AsyncIOMotorClient(settings.mongo_uri, tz_aware=True, w="majority", journal=True)
    database = client[settings.database]

    async def actor(authorization: str) -> str:
        token = authorization.removeprefix("Bearer ")
        id = hashlib.sha256(token.encode()).hexdigest()
        session = await database["sessions"].find_one({"_id": id})
        account = session and await database["comptes"].find_one({"_id": session["user_id"]})
        if account is None or account["genre"] != "agent_caf" or account["etat"] != "ouvert":
            raise HTTPException(401)
        return str(account["_id"])

    @app.patch("/users/{user_id}")
    async def modify_user(
        user_id: str,
        changes: Changes,
        authorization: Annotated[str, Header()],
        idempotency_key: Annotated[str, Header()],
    ) -> UserRef:
        """Change what is known of a person."""
        by = await actor(authorization)
        message_id = hashlib.blake2b(f"{by}/{idempotency_key}".encode()).hexdigest()[:32]
        asked = changes.model_dump(exclude_none=True)
        async with await client.start_session() as session, session.start_transaction():
            account = await database["comptes"].find_one({"_id": user_id}, session=session)
            if account is None:
                raise HTTPException(404)
            account.update(asked)
            account["seq"] += 1
            await database["comptes"].update_one(
                {"_id": user_id, "version": account["version"]},
                {"$set": {**asked, "seq": account["seq"]}, "$inc": {"version": 1}},
                session=session,
            )
            now = datetime.now(UTC)
            await database["inbox"].insert_one(
                {"_id": message_id, "at": now, "status": "done", "asked": {"actor": by}},
                session=session,
            )
            await database["outbox"].insert_one(_row(account, message_id), session=session)
        return UserRef(user_id=user_id)

    return app


@asynccontextmanager
async def _say_ready(_: FastAPI) -> AsyncIterator[None]:
    """Say so right before uvicorn listens."""
    print("ready", flush=True)
    yield


def _row(account: dict[str, Any], message_id: str) -> dict[str, Any]:
    headers = {name: value.decode() for name, value in fact_headers(account, message_id)}
    return {
        "_id": headers["ce_id"],
        "aggregate": f"comptes/{account['_id']}",
        "seq": account["seq"],
        "at": Timestamp(0, 0),
        "topic": "mcp.user-lifecycle",
        "key": account["_id"],
        "headers": headers,
        "value": fact_body(account),
    }


if __name__ == "__main__":
    settings = BareSettings.read()
    uvicorn.run(
        make_app(settings),
        host="127.0.0.1",
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
