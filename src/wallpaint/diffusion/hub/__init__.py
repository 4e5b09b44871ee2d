"""Public models: the known ones, their place on this machine, download and checksums.

Read `catalog`, `repo` and `repo_files` (which files of a repository are needed), `download` with `progress`,
`checksums` and `errors`, then `resolve_path` (from a name or path to files on this machine).
"""
