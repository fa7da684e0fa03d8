"""The words that shown presentations have in common: what their deflate streams begin with (RFC 1950 §2.2, preset dictionary).

Never to be changed for the code that names them, or older codes and older readers part ways; what stands last is found cheapest.
"""

from __future__ import annotations

WORDS_OF_JWTS = (
    b'"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:key:'
    b'"verifiableCredential":[{"id":"data:application/vc+jwt,eyJhbGciOiJFUzI1NiIs"type":"EnvelopedVerifiableCredential"}]'
    b'"given_name#ja-Latn-JP","family_name#ja-Latn-JP","birthdate","age_equal_or_over","18",true'
    b'"faculty","department","degree","student_number","enrolment_status","awarded_date","start_date"'
    b'"given_name","family_name","eduperson_primary_affiliation":"student","issuing_country":"JP","issuing_authority":"'
    b'"jti":"urn:uuid:"aka_vcts":["vct#integrity":"sha256-'
    b'{"iss":"https://","vct":"https:///types/","iat":17,"nbf":17,"exp":18,"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"","y":""}},'
    b'"status":{"status_list":{"idx":,"uri":"https://localhost:8101/status/"}},"_sd":["","],"_sd_alg":"sha-256"}'
    b'{"alg":"ES256","typ":"dc+sd-jwt","x5c":["MII","kid":"","typ":"vp+jwt","cty":"vp"'
    b'{"alg":"ES256","typ":"kb+jwt","kid":""}{"iat":17,"aud":"shown:in-person","nonce":"","sd_hash":""}'
)
"""For ``TEGATA1``."""
WORDS_OF_DOCUMENTS = (
    WORDS_OF_JWTS
    # a signer's certificate (ISO/IEC 18013-5 annex B): the key's algorithm, the extensions, the names before it
    + bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
    + bytes.fromhex("a38197308194300e0603551d0f0101ff04040302078030150603551d250101ff040b3009060728818c5d05010230")
    + bytes.fromhex("1d0603551d0e04160414301f0603551d23041830168014302b0603551d120424302286687474703a2f2f")
    + bytes.fromhex(
        "300a06082a8648ce3d040302034800304502210030310b3009060355040613024a503112301006035504030c301e170d32"
    )
    # IssuerSigned: MSO, data elements
    + b"\xa7fstatus\xa1kstatus_list\xa2cidx\x19curix8gdocTypegversionc1.0lvalidityInfo\xa3fsigned\xc0t20ivalidFrom\xc0t20"
    b"-01T00:00:00ZjvalidUntil\xc0t20T00:00:00ZlvalueDigests\xa1ptegata.graduate.1ptegata.student.1\xb1"
    + b"".join(bytes((number,)) + b"X " for number in range(24))
    + b'mdeviceKeyInfo\xa1ideviceKey\xa4\x01\x02 \x01!X "X odigestAlgorithmgSHA-256X@'
    b"qelementIdentifierjfamily_namepfamily_name_kanaqfamily_name_latinjgiven_nameogiven_name_kanapgiven_name_latin"
    b"jbirth_datekage_over_18kage_over_20nstudent_numbergfacultyjdepartmentfdegreejstart_datelawarded_date"
    b"kaffiliationgstudentpenrolment_statushenrolledelementValuebJPqelementIdentifieroissuing_country"
    b"elementValueqelementIdentifierqissuing_authority"
    b"\xd8\x18X]\xa4frandomPhdigestID\x02lelementValue\xd9\x03\xecj20\xf5"
    # DeviceResponse
    b"\x84nTegataInPerson\x1aP\xa3fstatus\x00gversionc1.0idocuments\x81\xa3gdocTypeptegata.student.1ldeviceSigned\xa2"
    b"jdeviceAuth\xa1odeviceSignature\x84C\xa1\x01&\xa0\xf6X@jnameSpaces\xd8\x18A\xa0lissuerSigned\xa2jissuerAuth"
    b"\x84C\xa1\x01&\xa1\x18!Y\x01\xec0\x82\x01\xe80\x82\x01\x8e\xa0\x03\x02\x01\x02\x02\x14"
    # documents with Data Integrity proofs
    b'"@language":"ja"},{"@value":""@language":"en"}],"description":[{"@value":"BitstringStatusListEntry"'
    b'"statusPurpose":"message","statusSize":"refresh""name":[{"@value":"type":["VerifiableCredential","EnrolmentCredential"]'
    b',"issuer":{"id":"did:web:","validFrom":"20-01T00:00:00Z","validUntil":"20"'
    b'"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json","https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"'
    b'"OpenBadgeCredential","AchievementSubject","achievement":{"criteria":{"narrative":"IdentityObject'
    b'"credentialSubject":{"id":"did:key:zDnae"credentialStatus":[{"type":"BitstringStatusListEntry","statusPurpose":"revocation"'
    b',"statusListIndex":"1","statusListCredential":"https://","statusPurpose":"suspension","statusListIndex":"'
    b'"family_name#ja-Kana-JP":"https:///types/terms/given_name#ja-Kana-JP","age_equal_or_over":{"@id":"@context":{"@protected":true'
    b',"18":"/20":"student_number":"eduperson_primary_affiliation":"GraduationCredential":"EnrolmentCredential":'
    b'"issuing_country":"JP""proof":{"type":"DataIntegrityProof","cryptosuite":"ecdsa-rdfc-2019","created":"202T00:00:00Z"'
    b',"verificationMethod":"did:web:","proofPurpose":"assertionMethod","proofValue":"z"}}],"proof":{"type":"DataIntegrityProof"'
    b',"cryptosuite":"eddsa-rdfc-2022","created":"202","expires":"202","verificationMethod":"did:key:zDnae"'
    b',"proofPurpose":"authentication","domain":"shown:in-person","challenge":"","proofValue":"z'
    b'{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:key:zDnae"'
    b',"verifiableCredential":[{"@context":["https://www.w3.org/ns/credentials/v2",{"@protected":true,"'
)
"""For ``TEGATA2``."""
