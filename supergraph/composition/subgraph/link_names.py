"""The names that the links of one document claim, so that no name has two meanings.

A specification is known by its namespace, and its elements as `namespace__Element` or by the local
names of its imports. None of these may be mistaken for one of another specification.
"""

import re

from supergraph.federation.link import Link

__all__ = ["LinkNames"]

_NAMESPACE = re.compile(r"[_A-Za-z][_0-9A-Za-z.-]*")


class LinkNames:
    """What has been claimed so far."""

    def __init__(self) -> None:
        self._namespaces: dict[str, str] = {}
        self._imports: dict[str, tuple[str, str]] = {}
        #: What stands before a `__` in an imported name: no later namespace may be called so.
        self._prefixes: dict[str, str] = {}

    def conflict(self, link: Link) -> str | None:
        """Why the link's names cannot stand beside the ones claimed before, or None."""
        return self._namespace_conflict(link) or self._import_conflict(link)

    def add(self, link: Link) -> None:
        """Claim the link's names."""
        self._namespaces[link.namespace] = link.url.identity
        for item in link.imports:
            self._imports[item.local_name] = (link.url.identity, item.name)
            prefix, separator, _ = item.local_name.lstrip("@").partition("__")
            if separator and prefix != link.namespace:
                self._prefixes[prefix] = item.local_name

    def _namespace_conflict(self, link: Link) -> str | None:
        namespace, identity = link.namespace, link.url.identity
        if "__" in namespace or namespace.endswith("_") or not _NAMESPACE.fullmatch(namespace):
            return f'"{namespace}" cannot be the namespace of "{identity}"'
        if namespace in self._namespaces:
            other = self._namespaces[namespace]
            return f'"{other}" and "{identity}" would share the namespace "{namespace}"'
        if namespace in self._prefixes:
            name = self._prefixes[namespace]
            return f'The import "{name}" looks like an element of "{identity}"'
        if "@" + namespace in self._imports:
            other = self._imports["@" + namespace][0]
            return f'"@{namespace}" is imported from "{other}" and the namespace of "{identity}"'
        return None

    def _import_conflict(self, link: Link) -> str | None:
        locals_by_name: dict[str, str] = {}
        names_by_local: dict[str, str] = {}
        for item in link.imports:
            local = item.local_name.lstrip("@")
            prefix, separator, rest = local.partition("__")
            own = separator and prefix == link.namespace
            if own and rest != item.name.lstrip("@"):
                return f'The import "{item.local_name}" looks like "{rest}" of "{link.url}"'
            if separator and not own and prefix in self._namespaces:
                other = self._namespaces[prefix]
                return f'The import "{item.local_name}" looks like an element of "{other}"'
            if item.name.startswith("@") and self._is_taken(link, local, item.name[1:]):
                return f'The import "{item.local_name}" has the name of a linked specification'
            other, name = self._imports.get(item.local_name, (link.url.identity, item.name))
            if other != link.url.identity:
                return f'"{item.local_name}" is imported from "{other}" too'
            if locals_by_name.setdefault(item.name, item.local_name) != item.local_name:
                return f'"{item.name}" is imported under two names'
            if names_by_local.setdefault(item.local_name, item.name) != name:
                return f'Two imports are called "{item.local_name}"'
        return None

    def _is_taken(self, link: Link, local: str, name: str) -> bool:
        if local == link.namespace:
            return name != link.url.name
        return local in self._namespaces
