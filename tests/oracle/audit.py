"""FORMAT.md, section 14: from a row of the audit log to a commitment."""

from documents import compute_document
from hashes import inclusion_root, jcs, sha256
from reading import (
    document_part,
    exactly,
    hash32,
    integer,
    listed,
    proof_document,
    read,
    require,
    text,
    time,
)

ISSUER = "https://audit-log.invalid/"

audit_row = document_part(
    {
        "type": exactly("ingam-audit-row"),
        "version": exactly(1),
        "number": integer,
        "at": time,
        "actor": text,
        "action": text,
        "subject": text,
    }
)
audit_head = document_part(
    {
        "type": exactly("ingam-audit-head"),
        "version": exactly(1),
        "service": text,
        "sequence": integer,
        "size": integer,
        "root": hash32,
        "madeAt": time,
    },
    {"previous": hash32},
)
audit_proof = document_part(
    {
        "format": exactly("ingam-audit-proof/1"),
        "row": audit_row,
        "inclusion": document_part({"index": integer, "path": listed(hash32, 32)}),
        "head": audit_head,
        "proof": proof_document,
    }
)


def compute_audit(data, trust=None):
    """The head's own proof document; (leaf, root, commitment) of it, or (leaf,) while it is pending."""
    document = read(data, 256 * 2**10)
    audit_proof(document)
    head, place, proof = document["head"], document["inclusion"], document["proof"]
    require(head["sequence"] >= 1 and head["size"] >= 1, "a head of nothing")
    require(("previous" in head) == (head["sequence"] > 1), "previous")
    leaf = sha256(b"\x00", jcs(document["row"]))
    root = inclusion_root(leaf, place["index"], head["size"], place["path"])
    require(root.hex() == head["root"], "the row is not in the log of this head")
    badge = proof["badge"]
    require(badge["rule"] == "audit-head" and badge["issuer"] == ISSUER, "the proof is of a badge")
    require(badge["digest"] == sha256(jcs(head)).hex(), "the proof is of another head")
    require("token" not in proof and "receipt" not in proof, "a head has no token and no receipt")
    if trust is not None:
        require(head["service"] == trust["service"], "unknown service")
    hashes, _ = compute_document(proof, trust)
    return proof, hashes
