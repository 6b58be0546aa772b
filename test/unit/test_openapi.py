"""What our OpenAPI says of answers."""

from galaxy_tiaas.mount import (
    _our_routes,
    openapi_of,
)


def test_errors_are_json_whatever_an_operation_answers() -> None:
    schema = openapi_of(_our_routes())
    operations = [operation for item in schema["paths"].values() for operation in item.values()]
    texts = [each for each in operations if "text/plain" in each["responses"].get("200", {}).get("content", {})]
    assert texts, "there is an operation that answers with text"
    shape = {"application/json": {"schema": {"$ref": "#/components/schemas/MessageExceptionModel"}}}
    for operation in operations:
        assert operation["responses"]["4XX"]["content"] == operation["responses"]["5XX"]["content"] == shape
