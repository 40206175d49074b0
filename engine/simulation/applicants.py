"""Applicants who do not exist: numbers that pass every rule and belong to nobody (identity numbers of people born in the 19th century)."""

from __future__ import annotations

import random
from typing import Any

from stdnum.cn import ric, uscc

SURNAMES = "陈李黄张梁林刘吴何谢罗郑冯曾邓许叶苏钟潘彭卢蔡袁"
COMPANIES = ("建设工程", "科技", "餐饮", "物流", "食品", "贸易", "养老服务", "文化传播", "医疗器械", "环保设备")


def applicant(chance: random.Random) -> dict[str, Any]:
    """The fields ``applicant.*`` of the registration form."""
    is_company = chance.random() < 0.35
    number = chance.randrange(10_000)
    phone = {"applicant.phone": f"1380000{number:04}"}
    if is_company:
        name = f"广州示例{chance.choice(COMPANIES)}有限公司"
        return {
            "applicant.kind": "企业",
            "applicant.name": name,
            "applicant.cert_type": "统一社会信用代码",
            "applicant.cert_no": credit_code(chance.randrange(10**5)),
            **phone,
        }
    name = f"示例{chance.choice(SURNAMES)}{chance.choice(('先生', '女士', '阿姨', '伯', '小姐'))}"
    identity = identity_number(chance.randrange(10**6))
    return {"applicant.kind": "自然人", "applicant.name": name, "applicant.cert_type": "居民身份证", "applicant.cert_no": identity, **phone}


def identity_number(number: int) -> str:
    """A number by GB 11643 with a year of birth from 1850 to 1899."""
    day = 1 + number % 28
    month = 1 + number // 28 % 12
    year = 1850 + number // 336 % 50
    body = f"440103{year}{month:02}{day:02}{number % 999 + 1:03}"
    return body + str(ric.calc_check_digit(body + "0"))


def credit_code(number: int) -> str:
    """A unified social credit code by GB 32100 of a made-up enterprise."""
    body = f"91440103DEMA{number:05}"
    return body + str(uscc.calc_check_digit(body))
