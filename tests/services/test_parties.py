"""Applicants: encrypted in the row, masked on the page, found by blind index."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engine.db.case_tables import Party
from engine.errors import InvalidInput, NotFound
from engine.services import parties

from .conftest import APPLICANT, MONDAY, SECRETS, World


def create(world: World, **changes: str) -> Party:
    return parties.create_party(world.session, SECRETS, MONDAY, {**APPLICANT, **changes})


def test_no_personal_detail_stands_readable_in_the_database(world: World) -> None:
    create(world)
    row = world.session.execute(text("select * from party")).first()
    assert row is not None
    stored = " ".join(column.decode("latin-1") if isinstance(column, bytes) else str(column) for column in row)
    assert [value for key, value in APPLICANT.items() if key not in ("kind", "cert_type") and value in stored] == []


def test_an_applicant_is_masked_on_the_way_out(world: World) -> None:
    shown = parties.masked(SECRETS, create(world))
    assert (shown.name, shown.phone, shown.cert_no, shown.address) == ("示例·*女士", "138****1234", "4401**********0017", "****")


def test_the_name_of_a_firm_is_public(world: World) -> None:
    firm = create(world, kind="企业", name="广州示例科技有限公司", cert_type="统一社会信用代码", cert_no="91440103DEMA000136")
    assert parties.masked(SECRETS, firm).name == "广州示例科技有限公司"


def test_an_applicant_may_give_a_name_only(world: World) -> None:
    party = parties.create_party(world.session, SECRETS, MONDAY, {"name": "示例·匿名"})
    shown = parties.masked(SECRETS, party)
    assert (shown.kind, shown.phone, shown.cert_no, shown.address) == ("自然人", None, None, None)
    assert party.phone is None and party.phone_index is None


def test_every_detail_can_be_revealed_to_open_a_case_again(world: World) -> None:
    assert parties.revealed(SECRETS, create(world)) == APPLICANT


@pytest.mark.parametrize("phone", ["13800000000", "020-81000000", "81000000"])
def test_a_telephone_is_a_mobile_or_a_landline(world: World, phone: str) -> None:
    assert parties.revealed(SECRETS, create(world, phone=phone))["phone"] == phone


def test_an_applicant_is_found_by_telephone_or_document_number(world: World) -> None:
    party = create(world, phone="13900005678", cert_no="11010519491231002x")
    assert [found.id for found in parties.find_by_phone(world.session, SECRETS, " 13900005678 ")] == [party.id]
    assert [found.id for found in parties.find_by_cert_no(world.session, SECRETS, "11010519491231002X")] == [party.id]
    assert parties.find_by_phone(world.session, SECRETS, "13900005679") == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "applicant.name"),
        ({"name": "何" * 51}, "applicant.name"),
        ({"cert_no": "440103188501010018"}, "applicant.cert_no"),
        ({"cert_type": "统一社会信用代码"}, "applicant.cert_no"),
        ({"phone": "12"}, "applicant.phone"),
        ({"address": "路" * 201}, "applicant.address"),
        ({"cert_type": "护照", "cert_no": "E" * 31}, "applicant.cert_no"),
    ],
)
def test_details_that_cannot_be_right_are_refused_beside_their_field(world: World, changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(world, **changes)
    assert list(refused.value.fields) == [field]


def test_an_unknown_party_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="party 999"):
        parties.get_party(world.session, 999)


def refused(world: World, **changes: str) -> list[str]:
    with pytest.raises(InvalidInput) as error:
        create(world, **changes)
    return [text for texts in error.value.fields.values() for text in texts]


def test_the_correction_names_the_wrong_digit_in_both_languages(world: World) -> None:
    (text,) = refused(world, cert_no="440103188501010018")
    assert text == "居民身份证号码第18位校验码不对：按前面的号码应为“7”，现在是“8”。请逐位核对。"
    assert getattr(text, "english", "").startswith("Resident identity number: The check character at position 18 should be “7”")
    assert refused(world, phone="12800001234") == ["手机号码第2位的“2”不能出现在这里，应为3-9。"]


def test_a_firm_is_known_by_its_credit_code(world: World) -> None:
    assert refused(world, kind="企业") == ["企业请填写统一社会信用代码，不填个人身份证号码。"]
    assert "校验码不对" in refused(world, kind="企业", cert_type="", cert_no="91350100M000100Y44")[0]
    assert create(world, kind="企业", cert_type="其他", cert_no="筹-2026-1").cert_type == "其他"


def test_numbers_are_kept_in_ordinary_digits_without_spaces(world: World) -> None:
    party = create(world, phone="１３９ 0000 5678", cert_no="1101 0519 4912 3100 2x")
    assert parties.revealed(SECRETS, party)["phone"] == "13900005678"
    assert [found.id for found in parties.find_by_cert_no(world.session, SECRETS, "11010519491231002X")] == [party.id]
