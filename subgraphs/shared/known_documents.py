"""Documents that were parsed and found valid before are not parsed and validated again.

The gateway sends a document per fetch of its plans, the same text every time, and checking one
costs more than running it. Strawberry's own caches do not serve here: theirs compares whole
syntax trees, and takes our limits for new ones at each request.
"""

from collections import OrderedDict
from collections.abc import Iterator

from graphql import DocumentNode
from strawberry.extensions import SchemaExtension

__all__ = ["KnownDocuments", "RememberDocuments"]

#: Documents kept; the one unused for longest makes room.
DOCUMENTS_MAX = 256
#: A longer text is checked each time; this bounds what strangers' documents can occupy.
DOCUMENT_CHARACTERS_MAX = 10_000


class KnownDocuments:
    """The valid documents of one schema, by their text."""

    def __init__(self) -> None:
        self._documents: OrderedDict[str, DocumentNode] = OrderedDict()

    def __len__(self) -> int:
        return len(self._documents)

    def find(self, text: str) -> DocumentNode | None:
        """The document, if it is known to be valid."""
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
        return document

    def add(self, text: str, document: DocumentNode) -> None:
        """Remember a document that was found valid."""
        if len(text) > DOCUMENT_CHARACTERS_MAX:
            return
        self._documents[text] = document
        if len(self._documents) > DOCUMENTS_MAX:
            self._documents.popitem(last=False)


class RememberDocuments(SchemaExtension):
    """Takes parsing and validation of one request from `KnownDocuments`, or adds to them."""

    def __init__(self, known: KnownDocuments) -> None:
        self._known = known
        self._is_known = False

    def on_parse(self) -> Iterator[None]:
        """Hand in the document, so that Strawberry does not parse the text."""
        context = self.execution_context
        if context.query and (document := self._known.find(context.query)) is not None:
            context.graphql_document = document
            self._is_known = True
        yield

    def on_validate(self) -> Iterator[None]:
        """Hand in that there are no errors, so that Strawberry does not look for them."""
        context = self.execution_context
        if self._is_known:
            context.pre_execution_errors = []
        yield
        document = context.graphql_document
        if not self._is_known and context.query and document and not context.pre_execution_errors:
            self._known.add(context.query, document)
