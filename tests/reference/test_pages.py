from flask.testing import FlaskClient


def test_the_reference_page_describes_every_operation_without_script(client: FlaskClient) -> None:
    page = client.get("/api/").get_data(as_text=True)
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    for path, methods in document["paths"].items():
        for method in methods:
            if method != "parameters":
                assert f"{method.upper()} {path}" in page
    for name in document["components"]["schemas"]:
        assert f'id="{name}"' in page
    assert "<script" not in page
