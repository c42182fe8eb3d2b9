"""What the subgraphs know: a few objects that refer to each other, so that answers grow large."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["LOADERS", "ROOT"]

Object = dict[str, Any]

TEXT = (
    "It begins slowly, and whoever stays with it is rewarded: the second half has some of the "
    "best pages that the author has written so far. Read it in winter, with tea."
)
READERS = {
    str(number): {
        "id": str(number),
        "name": f"Reader No. {number}",
        "nick": f"r{number}",
        "born": 1970,
    }
    for number in range(1, 7)
}
BOOKS = {
    f"978-{number}": {
        "isbn": f"978-{number}",
        "title": f"The Book of {number}",
        "pages": number * 100,
        "weight": number * 150,
    }
    for number in range(1, 10)
}
REVIEWS = [
    {"id": f"{reader}-{isbn}", "text": TEXT, "reader": reader, "isbn": isbn}
    for index, isbn in enumerate(BOOKS)
    for reader in READERS
    if (index + int(reader)) % 5 < 2
]


def _reader(key: str) -> Object:
    return {
        "id": key,
        "nick": READERS[key]["nick"],
        "reviews": lambda _: [_review(item) for item in REVIEWS if item["reader"] == key],
    }


def _book(isbn: str) -> Object:
    return {
        "isbn": isbn,
        "reviews": lambda _: [_review(item) for item in REVIEWS if item["isbn"] == isbn],
    }


def _review(item: Object) -> Object:
    return {
        **item,
        "book": lambda _: _book(item["isbn"]),
        "by": lambda _: _reader(item["reader"]),
    }


def _shelf(item: Object) -> Object:
    days = {"loanDays": item["pages"] // 25} if "pages" in item else {}
    return {"isbn": item["isbn"], "onShelf": item["isbn"][-1] in "02468", **days}


ROOT: Mapping[str, Object] = {
    "readers": {
        "readers": list(READERS.values()),
        "reader": lambda _, **arguments: READERS.get(arguments["id"]),
    },
    "books": {"books": lambda _, first: list(BOOKS.values())[:first]},
}
LOADERS: Mapping[str, Mapping[str, Callable[[Object], Object]]] = {
    "readers": {"Reader": lambda item: READERS[item["id"]]},
    "books": {"Book": lambda item: BOOKS[item["isbn"]]},
    "reviews": {
        "Book": lambda item: _book(item["isbn"]),
        "Reader": lambda item: _reader(item["id"]),
    },
    "shelves": {"Book": _shelf},
}
