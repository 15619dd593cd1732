"""Settings from a folder of YAML files, with everything that is wrong with them told at once.

{config}/running.yaml                optional: how the work is run
{config}/{company}/company.yaml      one Sage 50 company
{config}/{company}/stores/*.yaml     one file a store, named by its code
{config}/{company}/mappings.yaml     dated blocks
{config}/{company}/skus.csv          optional: the articles that are known, by SKU
{config}/{company}/sku_aliases.csv   optional: what single stores' tills call them
{config}/{company}/customers.csv     optional: the customers' accounts, and whether Sage has them
{config}/{company}/bank.yaml         optional: what banks and acquirers pay in, and how their statements are read
{config}/{company}/uat-answers.yaml  optional: what was found in the real Sage
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from storeday.config.bank import BankSettings
from storeday.config.company_lists import faults_between, read_lists
from storeday.config.mappings import MappingBlock
from storeday.config.reader import Reader
from storeday.config.running import RUNNING_FILE, Running
from storeday.config.settings import Company, CompanySettings, Settings, Store
from storeday.config.uat import ANSWERS_FILE, UatAnswers
from storeday.model.errors import SettingsError


def load_settings(root: Path) -> Settings:
    """Every company below ``root``.

    Raises: SettingsError listing all problems, each with file and key.
    """
    reader = Reader(root)
    folders = sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith(".")) if root.is_dir() else []
    if not folders:
        raise SettingsError([f"{root}: no company folder here; set STOREDAY_CONFIG to the folder of settings"])
    read = [_company(reader, folder) for folder in folders]
    companies = [company for company in read if company is not None]
    running = _running(reader)
    _check_across(reader, companies)
    if reader.problems:
        raise SettingsError(reader.problems)
    return Settings(companies=tuple(companies), running=running)


class ScheduleFacts(NamedTuple):
    """All that a DAG file needs to know of the settings."""

    timezone: str  # of the first company
    first_day: date  # the first trading day of any
    companies: tuple[str, ...]  # their codes, in order
    with_stock: tuple[str, ...]  # those of them that stage stock
    stores: tuple[str, ...]  # of all of them, by the names of their files
    running: Running


def schedule_facts(root: Path) -> ScheduleFacts:
    """What a DAG file needs to know, from company.yaml and running.yaml alone: DAG files are parsed every half minute.

    Raises: SettingsError listing what is wrong with them.
    """
    reader = Reader(root)
    files = sorted(root.glob("*/company.yaml"))
    companies = [reader.model(file, reader.content(file), Company) for file in files]
    running = _running(reader)
    if reader.problems or not companies:
        raise SettingsError(reader.problems or [f"{root}: no company folder here; set STOREDAY_CONFIG"])
    known = [company for company in companies if company]
    return ScheduleFacts(
        timezone=known[0].timezone,
        first_day=min(company.first_day for company in known),
        companies=tuple(company.code for company in known),
        with_stock=tuple(company.code for company in known if company.stock),
        stores=tuple(sorted(file.stem for file in root.glob("*/stores/*.yaml"))),
        running=running,
    )


def running_settings(root: Path) -> Running:
    """How the work is run, and nothing else of the settings.

    Raises: SettingsError listing what is wrong with running.yaml.
    """
    reader = Reader(root)
    running = _running(reader)
    if reader.problems:
        raise SettingsError(reader.problems)
    return running


def _running(reader: Reader) -> Running:
    """How the work is run; as usual where there is no such file, or it is wrong."""
    file = reader.root / RUNNING_FILE
    found = reader.model(file, reader.content(file), Running) if file.exists() else None
    return found or Running()


def _company(reader: Reader, folder: Path) -> CompanySettings | None:
    file = folder / "company.yaml"
    company = reader.model(file, reader.content(file), Company)
    stores = [_store(reader, path) for path in sorted((folder / "stores").glob("*.yaml"))]
    for path in sorted((folder / "stores").glob("*")):
        if path.suffix.lower() in {".yml", ".yaml"} and path.suffix != ".yaml":
            reader.problem(path, "the file is not read: the name must end in .yaml")
    if not stores:
        reader.problem(folder / "stores", "no store here; add one file a store, say S01.yaml")
    blocks = _mappings(reader, folder / "mappings.yaml")
    lists = read_lists(folder, frozenset(store.code for store in stores if store))
    for name, what in lists.faults:
        reader.problem(folder / name, what)
    if company is None or blocks is None:
        return None
    if company.code != folder.name:
        reader.problem(file, f"code: {company.code!r} is not the folder's name, {folder.name!r}")
    whole = CompanySettings(
        company=company,
        stores=tuple(store for store in stores if store),
        mappings=tuple(blocks),
        articles=lists.articles,
        aliases=lists.aliases,
        customers=lists.customers,
        columns=lists.columns,
        bank=_bank(reader, folder / "bank.yaml"),
        uat=_answers(reader, folder / ANSWERS_FILE),
    )
    for name, what in faults_between(whole):
        reader.problem(folder / name, what)
    _check_mappings(reader, folder / "mappings.yaml", whole)
    _check_cutovers(reader, folder / "stores", whole)
    _check_bank(reader, folder / "bank.yaml", whole)
    return whole


def _answers(reader: Reader, file: Path) -> UatAnswers:
    """What was found in the real Sage; nothing where there is no file."""
    found = reader.model(file, reader.content(file), UatAnswers) if file.exists() else None
    return found or UatAnswers()


def _check_cutovers(reader: Reader, folder: Path, whole: CompanySettings) -> None:
    """In production every store says from which day on it counts: nothing of it gets into the books by omission."""
    if whole.company.environment == "production":
        for store in whole.stores:
            if store.cutover is None:
                what = "is missing; in production say from which trading day on the store counts in Sage from us"
                reader.problem(folder / f"{store.code}.yaml", f"cutover: {what}")


def _store(reader: Reader, file: Path) -> Store | None:
    store = reader.model(file, reader.content(file), Store)
    if store is not None and store.code != file.stem:
        reader.problem(file, f"code: {store.code!r} is not the file's name, {file.stem!r}")
    if store is not None and len(set(store.tills)) < len(store.tills):
        reader.problem(file, f"tills: one stands twice in {', '.join(store.tills)}")
    return store


def _bank(reader: Reader, file: Path) -> BankSettings | None:
    return reader.model(file, reader.content(file), BankSettings) if file.exists() else None


def _check_bank(reader: Reader, file: Path, whole: CompanySettings) -> None:
    if whole.bank is None:
        return
    targets: dict[str, set[str]] = {}
    for block in whole.mappings:
        for tender, target in block.tenders.items():
            targets.setdefault(tender, set()).add(target)
    stores = (store.code for store in whole.stores)
    for what in whole.bank.faults(stores, targets, whole.company.accounts.till_control):
        reader.problem(file, what)


def _mappings(reader: Reader, file: Path) -> list[MappingBlock] | None:
    said = reader.content(file)
    if said is None:
        return None
    if not isinstance(said, list) or not said:
        reader.problem(file, "the whole file: must be a list of blocks, each with valid_from")
        return None
    blocks = [reader.model(file, block, MappingBlock, at=str(number)) for number, block in enumerate(said, start=1)]
    days = [block.valid_from for block in blocks if block]
    if days != sorted(set(days)):
        reader.problem(file, "valid_from: the blocks must run from the oldest to the newest, no day twice")
    return None if None in blocks else [block for block in blocks if block]


def _check_mappings(reader: Reader, file: Path, whole: CompanySettings) -> None:
    """What a block may not say because of what the company or another block says."""
    first = whole.mappings[0].valid_from
    if first > whole.company.first_day:
        reader.problem(file, f"valid_from: the first block begins {first}, after the company's first_day")
    for number, block in enumerate(whole.mappings, start=1):
        for what in _wrong_rates(block, number, whole):
            reader.problem(file, what)
        mapping = whole.mapping_on(block.valid_from)
        rates = {(t.code, t.rate) for t in mapping.tax_classes.values()}
        for code in sorted({c for c, _ in rates if len({r for k, r in rates if k == c}) > 1}):
            reader.problem(file, f"tax_classes: {code} has two rates from {block.valid_from} on; a code has one")
        for name in ("tax_classes", "categories", "tenders"):
            if not getattr(mapping, name):
                reader.problem(file, f"{name}: nothing is mapped from {block.valid_from} on")
        for what in _wrong_targets(block, set(mapping.tenders.values()), whole):
            reader.problem(file, what)
        for code in sorted(set(mapping.categories) & set(mapping.movements)):
            reader.problem(
                file, f"movements.{code}: is a category as well from {block.valid_from} on; it is one or the other"
            )
    unknown = sorted({s for b in whole.mappings for s in b.skus} - set(whole.skus or ())) if whole.skus else []
    for sku in unknown:
        reader.problem(file, f"skus.{sku}: not in skus.csv")


def _wrong_rates(block: MappingBlock, number: int, whole: CompanySettings) -> Iterator[str]:
    """Tax classes of a block with a rate that their tax code does not stand for in Sage, in words."""
    edition, facts = whole.company.edition, whole.company.sage
    for name, tax in block.tax_classes.items():
        rates = facts.rates_of(tax.code, edition)
        if rates and tax.rate not in rates:
            of_whom = "by sage.tax_rates in company.yaml" if tax.code in facts.tax_rates else f"in {edition}"
            said = " or ".join(f"{rate.normalize():f}" for rate in rates)
            yield (
                f"{number}.tax_classes.{name}.rate: {tax.rate.normalize():f} is not the rate of {tax.code}, which is "
                f"{said} {of_whom}; give the class the code of its rate, or say in company.yaml what your Sage has: "
                f"sage: {{tax_rates: {{{tax.code}: [{', '.join(said.split(' or '))}, {tax.rate.normalize():f}]}}}}"
            )


def _wrong_targets(block: MappingBlock, deposits: set[str], whole: CompanySettings) -> Iterator[str]:
    """Codes of a block that lead to an account with another purpose, in words."""
    accounts = whole.company.accounts
    own = {accounts.till_control: "till_control", accounts.sales_tax: "sales_tax"}
    codes_by_name: dict[str, dict[str, str]] = {
        "categories": block.categories,
        "movements": block.movements,
        "skus": block.skus,
        "tenders": block.tenders,
    }
    for name, codes in codes_by_name.items():
        for code, nominal in codes.items():
            if nominal in own:
                yield f"{name}.{code}: {nominal} is the company's {own[nominal]}, never a target"
    takings = {accounts.takings_customer, *(store.takings_customer for store in whole.stores)}
    for customer, account in block.customers.items():
        if account in takings:
            yield f"customers.{customer}: {account} is a takings_customer, nobody's own"
    for code, target in {**block.categories, **block.skus}.items():
        if target.isdigit() and target in deposits:
            yield f"{code}: {target} takes deposits of tenders and can't take sales as well"


def _check_across(reader: Reader, companies: list[CompanySettings]) -> None:
    owners: dict[str, str] = {}
    for company in companies:
        for store in company.stores:
            file = reader.root / company.company.code / "stores" / f"{store.code}.yaml"
            if store.code in owners:
                reader.problem(file, f"code: {store.code} is also a store of {owners[store.code]}")
            owners[store.code] = company.company.code
