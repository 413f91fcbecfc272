"""Rights, decided anywhere from a copy of what habilitation and identity told (ADR-0021).

`dossier` what is known of a person, `chaine` the decision, `explication` its words;
`projection` the copy in the store, `lecture` how it is read, `memoire` what of it is in memory,
`droits` all of them put together; `liste` who has access, `versions` how far it was known.
"""
