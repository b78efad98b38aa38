"""Reading YAML configuration files."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from ..exceptions import ConfigurationError


def read_mapping(path: Path) -> dict[str, object]:
    """Return the mapping in a YAML file.

    Raises:
        ConfigurationError: The file is missing, unreadable, not YAML or not a mapping.
    """
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}"
        raise ConfigurationError(message) from error
    except yaml.YAMLError as error:
        message = f"{path}: is not YAML: {error}"
        raise ConfigurationError(message) from error
    if not isinstance(document, Mapping):
        message = f"{path}: holds no mapping"
        raise ConfigurationError(message)
    return {str(key): value for key, value in document.items()}
