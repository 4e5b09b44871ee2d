"""The training configuration: `sections` (keys and defaults), `yaml_tree`, `faults`, then `configuration`.

The YAML files that come with the package are in ``presets/``.
"""
