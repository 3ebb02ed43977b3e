"""What schemathesis says against the documents and is no fault of theirs or of the server (docs/reference/clients.md).

(what it calls it, operation, text of the answer, why). Patterns; all three must match.
"""
KNOWN = [
    ("Schema-valid request rejected", ".", "412", "a precondition that does not hold is refused; it does not count 412"),
    ("Schema-violating request accepted", ".", "412", "a precondition is looked at before the body"),
    ("Schema-valid request rejected", ".", "(sort|fields|filter|expand): |regex|operator|must not contain NUL|a double quote is not closed", "a grammar that no schema tells"),
    ("Schema-valid request rejected", "GET ", "at: ", "a sequence or a date, not behind the newest"),
    ("Schema-valid request rejected", "PATCH ", "cannot be changed", "what cannot change may be repeated, and no schema knows what there is"),
    ("Schema-valid request rejected", "(POST|PATCH) ", "must be|cannot|no such|is no |does not exist|there is nothing at|needs a ",
     "what stands elsewhere in the document or in the record decides"),
    ("Schema-valid request rejected", "PATCH ", "at byte \\d+ of the path", "a path has a grammar"),
    ("Schema-valid request rejected", "POST .*/hub", "the newest commit is", "what is not committed yet cannot be told again"),
    ("Schema-valid request rejected", "POST .*/hub", "/(query|callback): ", "a query and a URL have a grammar; where events may be sent is for the operator to say"),
    ("Schema-valid request rejected", "POST ", "an id has", "the bound is of bytes, a schema counts characters; . and .. are no ids"),
    ("Wrong response to undeclared method", "QUERY ", "501", "a method that is not known is 501 (RFC 9110 §15.6.2)"),
    ("Server error", "QUERY ", "501", "the same"),
    ("Server error", ".", "501.*not supported", "what this server cannot do is 501"),
    ("Schema-violating request accepted", "PATCH ", "from: Incorrect type", "RFC 6902 §4: members that an operation has no use for are ignored"),
    ("Schema-violating request accepted", "(POST|PATCH) ", r'Incorrect type.*": \[\]', "on the first level an empty list is absence, whatever the attribute"),
]
