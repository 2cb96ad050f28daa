"""Every known way to make something public past a decision, by core's API alone.

Each is tried on the portal, where it opens nothing, and by :mod:`.stock` on CKAN as it
comes, where it opens what nobody decided: so each attempt is known to be a real one.
This module knows nothing of our plugins: both sides run the same functions.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from werkzeug.datastructures import FileStorage

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.logic.schema import (
    default_create_package_schema,
    default_update_package_schema,
)

Dataset = dict[str, Any]

VOLATILE = ("metadata_modified", "metadata_created")
REFUSALS = (
    tk.ValidationError,
    tk.NotAuthorized,
    tk.ObjectNotFound,
    sa.exc.DBAPIError,
)


@dataclass
class House:
    """An institution with its people, and how a dataset is made and published there.

    As it stands here, it is stock CKAN's; the portal's is a subclass.
    """

    organization: str
    elsewhere: str
    """Another institution, of which the GdD is the administrator."""
    group: str
    """A group that the outsider keeps."""
    people: Mapping[str, str]
    """The account's name of ``gdd``, ``rod``, ``add`` and ``outsider``."""
    client: Any
    """A browser that nobody has signed in with."""
    view = "image_view"

    def call(self, action: str, by: str, /, _more: Any = None, **data: Any) -> Any:
        """Call an action as someone; ``internal`` is code that skips the rights."""
        context: Any = {"user": self.people.get(by, "")}
        if by == "internal":
            context = {"user": self.people["add"], "ignore_auth": True}
        return tk.get_action(action)({**context, **(_more or {})}, data)

    def answers(self, word: str) -> Dataset:
        return {"title": word, "owner_org": self.organization}

    def says(self, word: str) -> Dataset:
        """Return a change of the dataset's own words."""
        return {"notes": word}

    def publish(self, dataset: Dataset) -> None:
        self.call("package_patch", "rod", id=dataset["id"], private=False)

    def adopt(self, dataset: Dataset) -> None:
        """Let it be public as it was before the portal: no other way opens a table."""
        self.publish(dataset)

    def withdraw(self, dataset: Dataset) -> None:
        self.call("package_patch", "rod", id=dataset["id"], private=True)

    # Where an attempt begins

    def begin(self, start: str, word: str, path: str) -> Dataset:
        """Make the dataset that an attempt begins with, of two files.

        The first has a table and two views where the attempt is about them.
        """
        answers = {**self.answers(word), "name": f"d-{uuid.uuid4().hex[:12]}"}
        if start == "none":
            return answers
        answers["resources"] = [link(1), link(2)]
        # Drafts are the administrator's alone, in core.
        state = {"state": "draft"} if start == "draft" else {}
        private = start != "draft"
        by = "add" if start == "draft" else "gdd"
        made = self.call("package_create", by, **answers, private=private, **state)
        if start == "draft":
            return made
        first = made["resources"][0]["id"]
        if path == "W12":
            table = {
                "fields": [{"id": "commune", "type": "text"}],
                "records": [{"commune": "Fès"}],
                "primary_key": ["commune"],
            }
            self.call("datastore_create", "add", resource_id=first, force=True, **table)
            self.adopt(made)
            return self.call("package_show", "gdd", id=made["id"])
        for title in ("Deux", "Trois") if path == "views" else ():
            view = {"resource_id": first, "title": title, "view_type": self.view}
            self.call("resource_view_create", "add", **view)
        if start in ("open", "deleted", "withdrawn", "purged"):
            self.publish(made)
            made = self.call("package_show", "gdd", id=made["id"])
        if start == "withdrawn":
            self.withdraw(made)
        elif start in ("deleted", "closed-deleted"):
            self.call("package_delete", "rod", id=made["id"])
        elif start == "purged":
            self.call("dataset_purge", "add", id=made["id"])
        return made

    # What anyone reads

    def reads(self, dataset: Dataset) -> dict[str, Any]:
        """Return everything that anyone reads at the dataset's address."""
        model.Session.remove()  # another connection may have written
        found = self.call(
            "package_search", "anyone", fq=f'name:"{dataset["name"]}"', rows=5
        )["results"]
        resources = [each["id"] for each in dataset.get("resources", ())]
        try:
            # What stands in the database: the index of stock CKAN may be behind.
            fresh = {"use_cache": False}
            shown = self.call("package_show", "anyone", fresh, id=dataset["name"])
        except (tk.NotAuthorized, tk.ObjectNotFound):
            shown = None
        else:
            resources += [each["id"] for each in shown["resources"]]
        told = {each: self._reads_file(dataset, each) for each in set(resources)}
        members = self.call(
            "member_list", "anyone", id=self.group, object_type="package"
        )
        return {
            "shown": stable(shown),
            "found": [stable(each) for each in found],
            "files": {each: it for each, it in told.items() if any(it)},
            "in_group": dataset.get("id") in [each[0] for each in members],
        }

    def _reads_file(self, dataset: Dataset, resource_id: str) -> list[Any]:
        told: list[Any] = []
        for action, data in (
            ("resource_view_list", {"id": resource_id}),
            ("datastore_search", {"resource_id": resource_id}),
            ("datastore_info", {"id": resource_id}),
        ):
            try:
                answer = self.call(action, "anyone", **data)
            except (tk.NotAuthorized, tk.ObjectNotFound, tk.ValidationError):
                told.append(None)
            else:
                # How large the whole database is changes by itself.
                answer = answer if action != "datastore_info" else answer["fields"]
                told.append(answer)
        resource = model.Resource.get(resource_id)
        if resource is None or resource.url_type != "upload":
            return told
        address = f"/dataset/{dataset['name']}/resource/{resource_id}/download"
        answer = self.client.get(address, follow_redirects=False)
        is_file = answer.status_code == 200
        told.append(answer.get_data(as_text=True) if is_file else None)
        return told


def stable(dataset: Dataset | None) -> Dataset | None:
    """Return a dataset without what changes by itself."""
    if dataset is None:
        return None
    return {name: value for name, value in dataset.items() if name not in VOLATILE}


def link(number: int) -> dict[str, str]:
    return {"name": f"Fichier {number}", "url": f"https://donnees.example/{number}"}


def upload(word: str) -> FileStorage:
    return FileStorage(io.BytesIO(f"nom;{word}\n".encode()), "noms.csv")


# The attempts: each takes the house, the dataset, who tries, and the undecided word.

Try = Callable[[House, Dataset, str, str], Any]


def create(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_create", by, **dataset)


def create_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_create", by, **dataset, private=False)


def create_draft(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_create", by, **dataset, state="draft")


def patch_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_patch", by, id=dataset["id"], private=False)


def patch_words(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_patch", by, id=dataset["id"], **house.says(word))


def update_without_files(house: House, dataset: Dataset, by: str, word: str) -> None:
    whole = house.call("package_show", by, id=dataset["id"])
    for name in ("resources", "private", "state"):
        del whole[name]
    house.call("package_update", by, **whole | house.says(word))


def update_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    whole = house.call("package_show", by, id=dataset["id"])
    house.call("package_update", by, **{**whole, "private": False})


def revise_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    update = {"private": False}
    house.call("package_revise", by, match={"id": dataset["id"]}, update=update)


def revise_by_filter(house: House, dataset: Dataset, by: str, word: str) -> None:
    whole = {**house.says(word), "private": False}
    house.call(
        "package_revise",
        by,
        match={"id": dataset["id"]},
        filter=["-private"],
        update=whole,
    )


def revise_files(house: House, dataset: Dataset, by: str, word: str) -> None:
    more = [{**link(3), "description": word}]
    house.call(
        "package_revise",
        by,
        match={"id": dataset["id"]},
        update__resources__extend=more,
    )


def bulk_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "bulk_update_public",
        by,
        datasets=[dataset["id"]],
        org_id=house.organization,
    )


def patch_active(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_patch", by, id=dataset["id"], state="active", private=False)


def move(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "package_owner_org_update",
        by,
        id=dataset["id"],
        organization_id=house.elsewhere,
    )


def move_and_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("package_patch", by, id=dataset["id"], owner_org=house.elsewhere)
    house.call(
        "bulk_update_public", by, datasets=[dataset["id"]], org_id=house.elsewhere
    )


def found_and_open(house: House, dataset: Dataset, by: str, word: str) -> None:
    own = house.call(
        "organization_create", by, name=f"o-{uuid.uuid4().hex[:12]}", title="À moi"
    )
    house.call("package_patch", by, id=dataset["id"], owner_org=own["id"])
    house.call("bulk_update_public", by, datasets=[dataset["id"]], org_id=own["id"])


def add_link(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "resource_create", by, package_id=dataset["id"], description=word, **link(3)
    )


def add_file(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "resource_create",
        by,
        package_id=dataset["id"],
        name="noms",
        url="noms.csv",
        url_type="upload",
        upload=upload(word),
    )


def replace_link(house: House, dataset: Dataset, by: str, word: str) -> None:
    first = dataset["resources"][0]
    house.call(
        "resource_update", by, id=first["id"], url=f"https://ailleurs.example/{word}"
    )


def replace_by_file(house: House, dataset: Dataset, by: str, word: str) -> None:
    first = dataset["resources"][0]
    house.call(
        "resource_patch",
        by,
        id=first["id"],
        url="noms.csv",
        url_type="upload",
        upload=upload(word),
    )


def describe_file(house: House, dataset: Dataset, by: str, word: str) -> None:
    first = dataset["resources"][0]
    house.call("resource_patch", by, id=first["id"], description=word)


def remove_file(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("resource_delete", by, id=dataset["resources"][0]["id"])


def reorder_files(house: House, dataset: Dataset, by: str, word: str) -> None:
    order = [each["id"] for each in reversed(dataset["resources"])]
    house.call("package_resource_reorder", by, id=dataset["id"], order=order)


def table_of(dataset: Dataset) -> dict[str, Any]:
    return {"resource_id": dataset["resources"][0]["id"], "force": True}


def add_table(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "datastore_create",
        by,
        resource_id=dataset["resources"][1]["id"],
        force=True,
        fields=[{"id": "cin", "type": "text"}],
        records=[{"cin": word}],
    )


def add_rows(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "datastore_upsert",
        by,
        **table_of(dataset),
        records=[{"commune": word}],
        method="insert",
    )


def describe_columns(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "datastore_create",
        by,
        **table_of(dataset),
        fields=[{"id": "commune", "type": "text", "info": {"notes": word}}],
    )


def remove_rows(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("datastore_records_delete", by, **table_of(dataset), filters={})


def remove_table(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("datastore_delete", by, **table_of(dataset))


def harvest_new(house: House, dataset: Dataset, by: str, word: str) -> None:
    """Write as ckanext-harvest does: its own schema, no rights asked."""
    own = {"schema": default_create_package_schema()}
    house.call("package_create", by, own, **dataset, private=False)


def harvest_again(house: House, dataset: Dataset, by: str, word: str) -> None:
    own = {"schema": default_update_package_schema()}
    whole = {"id": dataset["id"], "name": dataset["name"], "title": word}
    house.call(
        "package_update",
        by,
        own,
        **whole,
        notes=word,
        owner_org=house.organization,
        private=False,
        state="active",
        resources=[{"url": f"https://ailleurs.example/{word}"}],
    )


def clone(house: House, dataset: Dataset, by: str, word: str) -> None:
    copy = house.call("package_show", by, id=dataset["id"])
    for name in ("id", "private", "state"):
        del copy[name]
    for resource in copy["resources"]:
        del resource["id"], resource["package_id"]
    # Under the address at which anyone then looks.
    dataset["name"] = copy["name"] = f"d-{uuid.uuid4().hex[:12]}"
    house.call("package_create", by, **copy)


def put_in_group(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "member_create",
        by,
        id=house.group,
        object=dataset["id"],
        object_type="package",
        capacity="public",
    )


def collaborate(house: House, dataset: Dataset, by: str, word: str) -> None:
    outsider = house.people["outsider"]
    house.call(
        "package_collaborator_create",
        by,
        id=dataset["id"],
        user_id=outsider,
        capacity="editor",
    )
    house.call("package_show", "outsider", id=dataset["id"])


def give_file_away(house: House, dataset: Dataset, by: str, word: str) -> None:
    made = house.call("file_create", by, name=f"{word}.csv", upload=upload(word))
    house.call(
        "file_ownership_transfer",
        by,
        id=made["id"],
        owner_type="organization",
        owner_id=house.organization,
    )
    answer = house.client.get(f"/file/download/{made['id']}")
    if word in answer.get_data(as_text=True):
        dataset["given_away"] = word


def take_address(house: House, dataset: Dataset, by: str, word: str) -> None:
    again = {**house.answers(word), "name": dataset["name"]}
    house.call("package_create", by, **again)


def take_id(house: House, dataset: Dataset, by: str, word: str) -> None:
    dataset["name"] = f"d-{uuid.uuid4().hex[:12]}"
    again = {**house.answers(word), "name": dataset["name"], "id": dataset["id"]}
    house.call("package_create", by, **again)


def take_file_id(house: House, dataset: Dataset, by: str, word: str) -> None:
    """Bring the bytes of a deleted file back, under a dataset of one's own."""
    secret = house.call(
        "resource_create",
        "rod",
        package_id=dataset["id"],
        url="noms.csv",
        url_type="upload",
        upload=upload(word),
    )
    house.call("resource_delete", "rod", id=secret["id"])
    own = {**house.answers("À moi"), "name": f"d-{uuid.uuid4().hex[:12]}"}
    own["owner_org"] = house.elsewhere
    own["resources"] = [{"id": secret["id"], "url": "x.csv", "url_type": "upload"}]
    dataset |= {"name": own["name"], "resources": own["resources"]}
    house.call("package_create", by, **own)


def write_row(house: House, dataset: Dataset, by: str, word: str) -> None:
    """Change the row by the session, as a plugin or a command of core would."""
    package = model.Package.get(dataset["id"])
    assert package
    package.private = False
    package.title = word
    model.Session.commit()


def write_sql(house: House, dataset: Dataset, by: str, word: str) -> None:
    """Change the row by a connection of its own, past all that Python hears."""
    statement = "UPDATE package SET private = false, title = :word WHERE id = :id"
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(statement), {"id": dataset["id"], "word": word})


def write_file_sql(house: House, dataset: Dataset, by: str, word: str) -> None:
    statement = "UPDATE resource SET description = :word WHERE package_id = :id"
    with model.ensure_engine().begin() as connection:
        connection.execute(sa.text(statement), {"id": dataset["id"], "word": word})


def change_settings(house: House, dataset: Dataset, by: str, word: str) -> None:
    options = {
        "ckan.auth.create_unowned_dataset": True,
        "ckan.auth.public_activity_stream_detail": True,
        "ckan.plugins": "activity",
    }
    house.call("config_option_update", by, **options)


def save_stale(house: House, dataset: Dataset, by: str, word: str) -> None:
    """Save the form that was opened while the dataset was public."""
    house.call("package_update", by, **{**dataset, **house.says(word)})


def add_view(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call(
        "resource_view_create",
        by,
        resource_id=dataset["resources"][0]["id"],
        title=word,
        view_type=house.view,
    )


def _view_of(house: House, dataset: Dataset) -> dict[str, Any]:
    first = dataset["resources"][0]["id"]
    views = house.call("resource_view_list", "add", id=first)
    [made] = [each for each in views if each["title"] == "Deux"]
    return made


def change_view(house: House, dataset: Dataset, by: str, word: str) -> None:
    view = _view_of(house, dataset)
    house.call("resource_view_update", by, **{**view, "description": word})


def remove_view(house: House, dataset: Dataset, by: str, word: str) -> None:
    house.call("resource_view_delete", by, id=_view_of(house, dataset)["id"])


def reorder_views(house: House, dataset: Dataset, by: str, word: str) -> None:
    first = dataset["resources"][0]["id"]
    views = house.call("resource_view_list", "add", id=first)
    order = [each["id"] for each in reversed(views)]
    house.call("resource_view_reorder", by, id=first, order=order)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A way to write, and from where it starts."""

    path: str
    """Its number among the write paths of the threat model."""
    tries: Try
    start: str = "closed"
    """``none``, ``closed``, ``draft``, ``open``, ``withdrawn``, ``deleted``,
    ``purged``, and ``closed-deleted`` for what was never public."""
    by: tuple[str, ...] = ("gdd",)
    tells: bool = True
    """Whether an undecided word is what it lets out; else it only changes what is
    read."""
    refused: str = ""
    """What the portal answers; empty where the write is taken and nothing of it is
    public."""
    not_on_stock: str = ""
    """Why stock CKAN lets nothing out by it either, where that is so."""

    def __str__(self) -> str:
        return f"{self.path} {self.tries.__name__} of {self.start}"


@dataclass(frozen=True, kw_only=True)
class Untried:
    """A way to write that cannot be tried here, and why."""

    path: str
    why: str


_ONCE_OPEN = ("open", "deleted", "withdrawn", "purged")


def outcome(house: House, attempt: Attempt, by: str) -> dict[str, Any]:
    """Try it; return what anyone read before and reads after, and what was answered."""
    word = f"canari{uuid.uuid4().hex[:10]}"
    known = "Connu" if attempt.start in _ONCE_OPEN else word
    dataset = house.begin(attempt.start, known, attempt.path)
    before = house.reads(dataset)
    said = ""
    try:
        attempt.tries(house, dataset, by, word)
    except REFUSALS as refusal:
        model.Session.rollback()
        said = f"{type(refusal).__name__}: {refusal}"
    given_away = dataset.pop("given_away", None)
    after = house.reads(dataset)
    told = word in str(after) or bool(given_away)
    return {
        "said": said,
        "opened": told if attempt.tells else before != after,
        "untouched": not told and before == after,
        "before": before,
        "after": after,
    }


_ALL = ("gdd", "rod", "add", "internal")
_DECIDE = "Ce changement d'un jeu de données public demande une décision"

ATTEMPTS = (
    Attempt(path="W1", tries=create, start="none", by=("gdd", "internal")),
    Attempt(path="W1", tries=create_open, start="none", by=_ALL),
    Attempt(path="W2", tries=create_draft, start="none"),
    Attempt(path="W3", tries=patch_open, by=_ALL),
    Attempt(path="W3", tries=patch_words, start="open"),
    Attempt(path="W4", tries=update_open, by=("gdd", "add")),
    Attempt(
        path="W4", tries=update_without_files, start="open", by=("gdd", "internal")
    ),
    Attempt(path="W5", tries=revise_open, by=("gdd", "add")),
    Attempt(path="W5", tries=revise_by_filter),
    Attempt(path="W5", tries=revise_files, start="open"),
    Attempt(path="W6", tries=bulk_open, by=("rod", "add")),
    Attempt(path="W7", tries=patch_active, start="draft"),
    Attempt(
        path="W8",
        tries=patch_active,
        start="deleted",
        by=("gdd", "add"),
        tells=False,
    ),
    Attempt(path="W8", tries=patch_active, start="closed-deleted"),
    Attempt(
        path="W9",
        tries=move,
        start="open",
        by=("add",),
        tells=False,
        refused=_DECIDE,
    ),
    Attempt(path="W10", tries=move_and_open),
    Attempt(path="W10", tries=found_and_open, refused="NotAuthorized"),
    Attempt(path="W11", tries=add_link, start="open"),
    Attempt(path="W11", tries=add_file, start="open"),
    Attempt(path="W11", tries=replace_link, start="open"),
    Attempt(path="W11", tries=replace_by_file, start="open", by=("gdd", "internal")),
    Attempt(path="W11", tries=describe_file, start="open"),
    Attempt(
        path="W11",
        tries=remove_file,
        start="open",
        tells=False,
        refused="revision_opened",
    ),
    Attempt(
        path="W11",
        tries=reorder_files,
        start="open",
        tells=False,
        refused="revision_opened",
    ),
    Attempt(path="W12", tries=add_table, start="open", refused="'resource_id'"),
    Attempt(
        path="W12",
        tries=add_rows,
        start="open",
        by=("gdd", "add"),
        refused="'resource_id'",
    ),
    Attempt(path="W12", tries=describe_columns, start="open", refused="'fields'"),
    Attempt(
        path="W12",
        tries=remove_rows,
        start="open",
        tells=False,
        refused="'resource_id'",
    ),
    Attempt(
        path="W12",
        tries=remove_table,
        start="open",
        tells=False,
        refused="'resource_id'",
    ),
    Attempt(path="W13", tries=harvest_new, start="none", by=("internal",)),
    Attempt(
        path="W13",
        tries=harvest_again,
        start="open",
        by=("internal",),
        refused="art10_category",
    ),
    Attempt(path="W13", tries=harvest_again, by=("internal",)),
    Attempt(path="W15", tries=clone),
    Attempt(
        path="W16",
        tries=put_in_group,
        by=("outsider",),
        tells=False,
        refused="NotAuthorized",
    ),
    Attempt(
        path="W17",
        tries=collaborate,
        by=("rod",),
        refused="collaborators not enabled",
        not_on_stock="Core's own default is to have no collaborators either.",
    ),
    Attempt(
        path="W18",
        tries=give_file_away,
        start="none",
        by=("add",),
        refused="Storage default is not configured",
    ),
    Attempt(path="W20", tries=take_address, start="purged", refused="'name'"),
    Attempt(path="W20", tries=take_id, start="purged", by=("add",), refused="'id'"),
    Attempt(path="W20", tries=take_file_id, refused="'id'"),
    Attempt(path="W21", tries=write_row, by=("internal",), refused=_DECIDE),
    Attempt(path="W21", tries=write_sql, by=("internal",), refused=_DECIDE),
    Attempt(
        path="W21",
        tries=write_file_sql,
        start="open",
        by=("internal",),
        refused=_DECIDE,
    ),
    Attempt(
        path="W22",
        tries=change_settings,
        by=("add",),
        refused="can not be updated",
        not_on_stock="It changes how CKAN behaves, and opens no dataset by itself.",
    ),
    Attempt(path="W24", tries=save_stale, start="withdrawn", by=("gdd", "add")),
    Attempt(path="views", tries=add_view, start="open", refused=_DECIDE),
    Attempt(path="views", tries=change_view, start="open", refused=_DECIDE),
    Attempt(
        path="views",
        tries=remove_view,
        start="open",
        by=("gdd", "add"),
        tells=False,
        refused=_DECIDE,
    ),
    Attempt(
        path="views", tries=reorder_views, start="open", tells=False, refused=_DECIDE
    ),
)

UNTRIED = (
    Untried(
        path="W14",
        why="XLoader and DataPusher are no plugins of the portal: tables are loaded by"
        " maroc_files, whose tests say what it loads.",
    ),
    Untried(
        path="W19",
        why="No action makes such a link: it takes the key that signs tokens, which"
        " only the server has.",
    ),
    Untried(
        path="W23",
        why="A forged form is tried over HTTP in maroc_portal's test_security.py.",
    ),
)
