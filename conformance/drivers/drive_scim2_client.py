# A directory's life through scim2-client, which checks each answer against the schemas that the service publishes
# and raises where status, content type, header or payload is not as the RFCs say. Prints each check as a line of JSON.
import json
import os
from typing import Union

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    BulkOperation,
    BulkRequest,
    Error,
    PatchOp,
    PatchOperation,
    ResponseParameters,
    SCIMException,
    SearchRequest,
)

scim = SyncSCIMClient(
    Client(
        base_url=os.environ["BASE_URL"],
        headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},
    )
)
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def refused(scim_type, status, request):
    """The request must be refused with an error that the client can read."""
    try:
        answer = request()
    except SCIMException as error:
        answer = error.to_error()
    assert isinstance(answer, Error), f"not refused: {answer}"
    assert (answer.status, answer.scim_type) == (status, scim_type), answer


def new_user(name, **attributes):
    return scim.create(model("User")(user_name=name, **attributes))


def model(name):
    return scim.get_resource_model(name)


def patch(resource, *operations):
    request = PatchOp[type(resource)](
        operations=[PatchOperation(**operation) for operation in operations]
    )
    scim.modify(resource, request)
    return scim.query(type(resource), resource.id)


@check
def discovers_configuration_resource_types_and_schemas():
    scim.discover()
    config = scim.provider.config
    assert config.patch.supported and config.filter.supported and config.bulk.supported
    assert model("User") and model("Group")


@check
def creates_a_user_with_an_extension():
    user_model = model("User")
    extension = user_model.get_extension_model("EnterpriseUser")
    user = user_model(
        user_name="Ada@example.com",
        name={"given_name": "Ada", "family_name": "Byron"},
        emails=[{"value": "ada@example.com", "type": "work", "primary": True}],
        active=True,
    )
    user[extension] = extension(department="Engines", employee_number="1815")
    created = scim.create(user)
    assert created.id and created.meta.version and created.meta.location
    assert created[extension].department == "Engines"


@check
def refuses_a_second_user_of_the_same_name():
    refused("uniqueness", 409, lambda: new_user("ADA@example.com"))


@check
def finds_by_filter_whatever_the_case():
    parameters = SearchRequest(filter='USERNAME eq "ADA@EXAMPLE.COM"')
    found = scim.query(model("User"), query_parameters=parameters)
    assert found.total_results == 1 and found.resources[0].user_name == "Ada@example.com"


@check
def reads_with_attributes_and_excluded_attributes():
    user = new_user("grace@example.com", display_name="Grace", nick_name="Amazing")
    only = scim.query(type(user), user.id, query_parameters=ResponseParameters(attributes=["displayName"]))
    assert only.display_name == "Grace" and only.nick_name is None and only.id
    without = scim.query(
        type(user), user.id, query_parameters=ResponseParameters(excluded_attributes=["nickName"])
    )
    assert without.user_name and without.nick_name is None


@check
def reads_page_after_page_in_order():
    for number in range(5):
        new_user(f"page-{number}@example.com")
    names = []
    while True:
        request = SearchRequest(
            filter='userName sw "page-"', sort_by="userName", start_index=len(names) + 1, count=2
        )
        page = scim.query(model("User"), query_parameters=request)
        names += [user.user_name for user in page.resources or []]
        if len(names) >= page.total_results:
            break
    assert names == [f"page-{number}@example.com" for number in range(5)], names


@check
def searches_by_post_on_a_type_and_on_the_root():
    request = SearchRequest(filter='userName sw "page-"', count=2)
    assert scim.search(model("User"), request).total_results == 5
    assert scim.search(request).total_results == 5


@check
def replaces_a_user_and_unassigns_what_is_omitted():
    user = new_user("alan@example.com", title="Fellow", display_name="Alan")
    user.title = None
    user.display_name = "Alan P."
    replaced = scim.replace(user)
    assert replaced.display_name == "Alan P." and replaced.title is None


@check
def refuses_to_replace_what_has_changed_meanwhile():
    user = new_user("race@example.com")
    patch(user.model_copy(deep=True), {"op": "replace", "path": "title", "value": "First"})
    user.title = "Second"
    refused(None, 412, lambda: scim.replace(user))


@check
def modifies_by_path_by_value_path_and_without_a_path():
    user = new_user("edsger@example.com", emails=[{"value": "e@example.com", "type": "work"}])
    changed = patch(
        user,
        {"op": "replace", "path": "active", "value": False},
        {"op": "add", "path": "name.givenName", "value": "Edsger"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "work@example.com"},
        {"op": "add", "path": "phoneNumbers", "value": [{"value": "+31 1", "type": "mobile"}]},
        {"op": "remove", "path": 'phoneNumbers[type eq "mobile"]'},
    )
    assert changed.active is False and changed.name.given_name == "Edsger"
    assert changed.emails[0].value == "work@example.com" and not changed.phone_numbers


@check
def moves_people_into_and_out_of_a_group():
    one, two = new_user("one@example.com"), new_user("two@example.com")
    group = scim.create(model("Group")(display_name="Owners", members=[{"value": one.id}]))
    assert [member.value for member in group.members] == [one.id]
    both = patch(group, {"op": "add", "path": "members", "value": [{"value": two.id}]})
    assert {member.value for member in both.members} == {one.id, two.id}
    left = patch(both, {"op": "remove", "path": f'members[value eq "{one.id}"]'})
    assert [member.value for member in left.members] == [two.id]
    assert [its.value for its in scim.query(model("User"), two.id).groups] == [group.id]
    assert not scim.query(model("User"), one.id).groups


@check
def carries_out_a_bulk_with_a_reference_forward():
    group = model("Group")(display_name="Bulk", members=[{"value": "bulkId:u"}])
    user = model("User")(user_name="bulk@example.com")
    answer = scim.bulk(
        BulkRequest[Union[type(user), type(group)]](
            fail_on_errors=1,
            operations=[
                BulkOperation[type(group)](method="POST", path="/Groups", bulk_id="g", data=group),
                BulkOperation[type(user)](method="POST", path="/Users", bulk_id="u", data=user),
            ],
        )
    )
    assert [int(operation.status) for operation in answer.operations] == [201, 201], answer


@check
def deletes_and_does_not_find_again():
    user = new_user("gone@example.com")
    scim.delete(user)
    refused(None, 404, lambda: scim.query(type(user), user.id))


for function in CHECKS:
    name = function.__name__.replace("_", " ")
    try:
        function()
        print(json.dumps({"name": name, "status": "passed", "detail": ""}))
    except Exception as error:
        print(json.dumps({"name": name, "status": "failed", "detail": f"{type(error).__name__}: {error}"}))
