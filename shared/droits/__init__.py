"""Rights, decided anywhere from a copy of what habilitation and identity told (ADR-0021).

`dossier` what is known of a person, `chaine` the decision, `explication` its words,
`projection` the copy in the store, `cache` the one in memory, `acces` the two put together.
"""
