"""A data folder is proven usable before anything starts in it."""

from pathlib import Path

import pytest

from subgraphs.demo.data_folder import demo_authorization, prepare_data_folder
from subgraphs.demo.processes import StartError


def test_folder_is_created_and_left_empty(tmp_path: Path) -> None:
    folder = prepare_data_folder(tmp_path / "deep" / "data")

    assert list(folder.iterdir()) == []


def test_a_file_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.touch()

    with pytest.raises(StartError, match="cannot be written to"):
        prepare_data_folder(in_the_way)


def test_demo_token_is_signed_with_the_installation_s_own_key(tmp_path: Path) -> None:
    scheme, token = demo_authorization(tmp_path).split(" ")

    assert scheme == "Bearer"
    assert token.count(".") == 2
    assert (tmp_path / "token.key").stat().st_mode & 0o077 == 0
