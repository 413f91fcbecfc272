"""Traces, optional: spans of polls through the framework's middleware, sent by OTLP over HTTP."""

from typing import Any


def kafka_middlewares(service: str, endpoint: str | None) -> list[Any]:
    """The broker's middlewares: none unless traces have somewhere to go.

    The SDK is imported only then: it costs memory that most processes need not pay.
    """
    if endpoint is None:
        return []
    from faststream.kafka.opentelemetry import KafkaTelemetryMiddleware
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"mcp-{service}"}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return [KafkaTelemetryMiddleware(tracer_provider=provider)]
