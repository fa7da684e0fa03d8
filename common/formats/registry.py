"""The credential formats of this deployment. To add one: its folder, and its line here."""

from __future__ import annotations

from common.formats.contract import CredentialFormat
from common.formats.data_integrity import LdpVc
from common.formats.mdoc import Mdoc
from common.formats.sd_jwt_vc import SdJwtVc
from common.formats.vc_jose_cose import VcJwt
from common.registry import Registry

_MEMBERS: tuple[CredentialFormat, ...] = (SdJwtVc(), VcJwt(), LdpVc(), Mdoc())

FORMATS: Registry[CredentialFormat] = Registry("credential format", _MEMBERS, name=lambda member: member.name)
