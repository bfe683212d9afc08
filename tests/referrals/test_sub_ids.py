from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.referrals.sub_ids import fault_of_link, patient_shaped

SUB_IDS = [
    *("clickref", "clickref2", "subId1", "sharedid", "sid", "ascsubtag", "u1", "aff_sub", "pubref"),
    *("s1", "tid", "click-id", "customId", "subId1[]"),
]


@given(st.sampled_from(SUB_IDS), st.emails())
def test_no_parameter_holds_an_e_mail_address(name: str, email: str) -> None:
    if email.isascii() and "/" not in email:
        assert patient_shaped(name, email)
        assert patient_shaped("rcode", email)


@given(st.sampled_from(SUB_IDS), st.from_regex(r"\A\+?1?[ (-]?[2-9]\d{2}[) .-]{1,2}\d{3}[ .-]\d{4}\Z"))
def test_no_sub_id_holds_a_phone_number(name: str, phone: str) -> None:
    assert patient_shaped(name, phone)


@given(
    st.sampled_from(SUB_IDS),
    st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%d.%m.%y", "%Y%m%d", "%m%d%Y"]),
)
def test_no_sub_id_holds_a_date_of_birth(name: str, day: date, form: str) -> None:
    assert patient_shaped(name, f"{day:{form}}")


@pytest.mark.parametrize("value", ["Jane Doe", "jane+doe", "Léa Durand", "jane.doe", "jane_doe", "王小明"])
def test_no_sub_id_holds_two_words_like_a_name(value: str) -> None:
    assert patient_shaped("clickref", value)


@pytest.mark.parametrize(
    "name",
    [
        *("email", "e_mail", "email1", "emailAddress", "patient", "patientId", "firstName", "last_name", "name"),
        *("dob", "birthday", "dateOfBirth", "phone2", "telephone", "user[name]"),
    ],
)
def test_a_name_that_is_about_a_person_is_refused_whatever_it_holds(name: str) -> None:
    assert patient_shaped(name, "1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", "Zheng Gu Shui liniment"),
        ("tag", "practice-20"),
        ("rcode", "ABC1234"),
        ("awinmid", "1234567"),
        ("clickref", "spring-letter"),
        ("subId1", "card"),
        ("u", "https://shop.example.com/a"),
        ("domain", "x"),
        ("hotel", "x"),
        ("adobe", "x"),
        ("productname", "x"),
        ("product", "x"),
    ],
)
def test_ordinary_parameters_are_left_alone(name: str, value: str) -> None:
    assert patient_shaped(name, value) is None


def test_a_link_is_searched_everywhere_and_so_are_the_links_within_it() -> None:
    assert fault_of_link("https://a.example/welcome/jane@example.com")
    assert fault_of_link("https://a.example/?jane%2540example.com")
    assert fault_of_link("https://a.example/?u=https%3A%2F%2Fb.example%2F%3Fphone%3D1")
    assert fault_of_link("https://a.example/?u=https%3A%2F%2Fb.example%2F%3Fsubid%3DJane%2BDoe")
    assert fault_of_link("https://a.example/?x=1&subid=jane%40example.com")
    assert fault_of_link("https://a.example/#email=x")
    assert fault_of_link("https://a.example/?x=1") is None
