// A directory's life through the client of Captain-P-Goldfish's SCIM-SDK, which tells an answer that is not valid SCIM
// from one that is.
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.builder.CreateBuilder;
import de.captaingoldfish.scim.sdk.client.builder.PatchBuilder;
import de.captaingoldfish.scim.sdk.client.builder.UpdateBuilder;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.EndpointPaths;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.etag.ETag;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.ResourceNode;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

public final class CaptainGoldfish {
  private static ScimRequestBuilder scim;

  public static void main(String[] arguments) throws Exception {
    var config = ScimClientConfig.builder()
        .httpHeaders(Map.of("Authorization", "Bearer " + System.getenv("TOKEN")))
        .enableAutomaticBulkRequestSplitting(true)
        .build();
    scim = new ScimRequestBuilder(System.getenv("BASE_URL"), config);

    Checks.check("loads the configuration, resource types and schemas", CaptainGoldfish::discovery);
    Checks.check("creates a user with the enterprise extension", CaptainGoldfish::create);
    Checks.check("reads a conflict as an error of SCIM", CaptainGoldfish::conflict);
    Checks.check("finds by filters of its own making", CaptainGoldfish::filters);
    Checks.check("reads page after page, sorted, by GET and by POST, and all at once", CaptainGoldfish::pages);
    Checks.check("reads what it asked for alone", CaptainGoldfish::projection);
    Checks.check("does not read again what has not changed", CaptainGoldfish::unchanged);
    Checks.check("replaces a user, but not over a later change", CaptainGoldfish::replace);
    Checks.check("modifies a user by path, by value path and without a path", CaptainGoldfish::modify);
    Checks.check("adds members to a group and removes one", CaptainGoldfish::members);
    Checks.check("takes a group's PATCH for a success", CaptainGoldfish::groupPatch);
    Checks.check("carries out a bulk with references", CaptainGoldfish::bulk);
    Checks.check("splits a bulk that is too long by what the configuration says", CaptainGoldfish::longBulk);
    Checks.check("deletes, and does not find again", CaptainGoldfish::delete);
    scim.close();
  }

  private static void discovery() {
    var meta = scim.loadMetaConfiguration().sendRequest().getResource();
    Checks.require(meta.getResourceTypes().size() == 2, meta);
    Checks.require(meta.getSchemas().size() >= 3, meta);
    Checks.require(meta.getServiceProvider().getBulkConfig().isSupported(), meta);
  }

  private static void create() {
    User user = User.builder().userName("Ada@example.com").active(true)
        .name(Name.builder().givenName("Ada").familyName("Byron").build())
        .emails(List.of(Email.builder().value("ada@example.com").type("work").primary(true).build()))
        .enterpriseUser(EnterpriseUser.builder().department("Engines").build()).build();
    User created = create(user);
    Checks.require(created.getEnterpriseUser().flatMap(EnterpriseUser::getDepartment).isPresent(), created);
    Checks.require(created.getMeta().isPresent() && created.getId().isPresent(), created);
  }

  private static void conflict() {
    refused(409, "uniqueness", users().setResource(named("ADA@example.com")).sendRequest());
  }

  private static void filters() {
    var found = scim.list(User.class, EndpointPaths.USERS)
        .filter("userName", Comparator.EQ, "ada@EXAMPLE.com")
        .and("name.familyName", Comparator.PR, (String) null)
        .and(true, "emails.value", Comparator.SW, "ADA@").or("userName", Comparator.EQ, "nobody").closeParenthesis()
        .build().get().sendRequest();
    Checks.require(valid(found).getTotalResults() == 1, found.getResponseBody());
  }

  private static void pages() {
    for (int number = 0; number < 5; number++) create(named("page-" + number + "@example.com"));
    var list = scim.list(User.class, EndpointPaths.USERS).filter("userName", Comparator.SW, "page-").build()
        .sortBy("userName").sortOrder(SortOrder.DESCENDING).count(2);
    List<String> names = new ArrayList<>();
    for (int start = 1; start <= 5; start += 2) {
      var page = list.startIndex(start);
      for (var answer : List.of(page.get().sendRequest(), page.post().sendRequest())) {
        valid(answer).getListedResources().forEach(user -> names.add(user.getUserName().orElseThrow()));
      }
    }
    Checks.require(names.size() == 10 && names.get(0).startsWith("page-4"), names);
    var all = scim.list(User.class, EndpointPaths.USERS).filter("userName", Comparator.SW, "page-").build().get().getAll();
    Checks.require(all.isSuccess() && all.getResource().getListedResources().size() == 5, all.getResource());
  }

  private static void projection() {
    create(named("grace@example.com"));
    var only = scim.list(User.class, EndpointPaths.USERS).filter("userName", Comparator.EQ, "grace@example.com").build()
        .attributes("userName").get().sendRequest();
    User user = valid(only).getListedResources().get(0);
    Checks.require(user.getId().isPresent() && user.isActive().isEmpty(), user);
  }

  private static void unchanged() {
    User user = create(named("still@example.com"));
    var answer = scim.get(User.class, EndpointPaths.USERS, id(user)).setETagForIfNoneMatch(version(user)).sendRequest();
    Checks.require(answer.getHttpStatus() == 304, answer.getHttpStatus());
  }

  private static void replace() {
    User user = create(named("alan@example.com"));
    User titled = User.builder().userName("alan@example.com").title("Fellow").build();
    User replaced = valid(update(user, titled).sendRequest());
    Checks.require(replaced.getTitle().equals(Optional.of("Fellow")), replaced);
    refused(412, null, update(user, named("alan@example.com")).sendRequest());
  }

  private static void modify() {
    User user = create(named("edsger@example.com"));
    User changed = valid(scim.patch(User.class, EndpointPaths.USERS, id(user))
        .addOperation().op(PatchOp.REPLACE).path("active").valueNode(BooleanNode.FALSE)
        .next().op(PatchOp.ADD).path("name.givenName").valueNode(TextNode.valueOf("Edsger"))
        .next().op(PatchOp.ADD).path("emails").valueNode(Email.builder().value("e@example.com").type("work").build())
        .next().op(PatchOp.REPLACE).path("emails[type eq \"work\"].value").valueNode(TextNode.valueOf("w@example.com"))
        .next().op(PatchOp.REPLACE).valueNode(User.builder().nickName("EWD").build())
        .next().op(PatchOp.REMOVE).path("name.familyName")
        .build().sendRequest());
    Checks.require(changed.isActive().equals(Optional.of(false)), changed);
    Checks.require(changed.getEmails().get(0).getValue().equals(Optional.of("w@example.com")), changed);
    Checks.require(changed.getNickName().isPresent() && changed.getName().isPresent(), changed);
  }

  private static void members() {
    User one = create(named("one@example.com"));
    User two = create(named("two@example.com"));
    Group created = create("Owners", id(one));
    Checks.require(created.getMembers().size() == 1, created);
    var added = patch(created).op(PatchOp.ADD).path("members").valueNode(member(id(two))).build().sendRequest();
    Checks.require(added.getHttpStatus() == 200, added.getResponseBody());
    Checks.require(read(created).getMembers().size() == 2, created);
    String first = "members[value eq \"" + id(one) + "\"]";
    var removed = patch(created).op(PatchOp.REMOVE).path(first).build().sendRequest();
    Checks.require(removed.getHttpStatus() == 200, removed.getResponseBody());
    Checks.require(read(created).getMembers().get(0).getValue().equals(two.getId()), created);
  }

  private static void groupPatch() {
    Group created = create("Renamed", id(create(named("three@example.com"))));
    var named = Group.builder().displayName("Another name").build();
    var answer = patch(created).op(PatchOp.REPLACE).valueNode(named).build().sendRequest();
    Checks.require(read(created).getDisplayName().equals(named.getDisplayName()), created);
    Checks.require(answer.isSuccess(), answer.getHttpStatus() + " " + answer.getHttpHeaders().keySet());
  }

  private static void bulk() {
    Group group = Group.builder().displayName("Bulk").members(List.of(member("bulkId:u"))).build();
    var answer = scim.bulk().failOnErrors(1)
        .bulkRequestOperation(EndpointPaths.GROUPS).method(HttpMethod.POST).bulkId("g").data(group)
        .next().bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("u")
        .data(named("bulk@example.com")).sendRequest();
    Checks.require(valid(answer).getSuccessfulOperations().count() == 2, answer.getResponseBody());
  }

  private static void longBulk() {
    int most = scim.loadServiceProviderConfiguration().getBulkConfig().getMaxOperations();
    var bulk = scim.bulk();
    IntStream.range(0, most + 1).forEach(number -> bulk.bulkRequestOperation(EndpointPaths.USERS)
        .method(HttpMethod.POST).bulkId("u" + number).data(named("bulk-" + number + "@example.com")).next());
    var answer = bulk.sendRequest(true);
    Checks.require(valid(answer).getSuccessfulOperations().count() == most + 1, answer.getHttpStatus());
  }

  private static void delete() {
    User user = create(named("gone@example.com"));
    var deleted = scim.delete(User.class, EndpointPaths.USERS, id(user)).sendRequest();
    Checks.require(deleted.isSuccess() && deleted.getHttpStatus() == 204, deleted.getHttpStatus());
    refused(404, null, scim.get(User.class, EndpointPaths.USERS, id(user)).sendRequest());
  }

  private static <T extends ScimObjectNode> T valid(ServerResponse<T> answer) {
    Checks.require(answer.isSuccess() && answer.isValidScimResponse(), answer.getResponseBody());
    return answer.getResource();
  }

  private static void refused(int status, String scimType, ServerResponse<?> answer) {
    Checks.require(!answer.isSuccess() && answer.isValidScimResponse(), answer.getResponseBody());
    Checks.require(answer.getHttpStatus() == status, answer.getResponseBody());
    var error = answer.getErrorResponse();
    Checks.require(error.getStatus() == status, error);
    Checks.require(scimType == null || error.getScimType().equals(Optional.of(scimType)), error);
  }

  private static CreateBuilder<User> users() {
    return scim.create(User.class, EndpointPaths.USERS);
  }

  private static User create(User user) {
    return valid(users().setResource(user).sendRequest());
  }

  private static UpdateBuilder<User> update(User current, User next) {
    return scim.update(User.class, EndpointPaths.USERS, id(current)).setETagForIfMatch(version(current)).setResource(next);
  }

  private static Group create(String displayName, String memberId) {
    Group group = Group.builder().displayName(displayName).members(List.of(member(memberId))).build();
    return valid(scim.create(Group.class, EndpointPaths.GROUPS).setResource(group).sendRequest());
  }

  private static PatchBuilder.PatchOperationBuilder<Group> patch(Group group) {
    return scim.patch(Group.class, EndpointPaths.GROUPS, id(group)).addOperation();
  }

  private static Group read(Group group) {
    return valid(scim.get(Group.class, EndpointPaths.GROUPS, id(group)).sendRequest());
  }

  private static User named(String userName) {
    return User.builder().userName(userName).build();
  }

  private static Member member(String id) {
    return Member.builder().value(id).build();
  }

  private static String id(ResourceNode resource) {
    return resource.getId().orElseThrow();
  }

  private static ETag version(ResourceNode resource) {
    return resource.getMeta().orElseThrow().getVersion().orElseThrow();
  }
}
