// A directory's life through Ping Identity's SCIM 2 SDK, which reads each answer into its own classes.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.client.requests.SearchRequestBuilder;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.filters.Filter;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.messages.PatchRequest;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.ArrayList;
import java.util.List;
import org.glassfish.jersey.apache5.connector.Apache5ConnectorProvider;
import org.glassfish.jersey.client.ClientConfig;

public final class Ping {
  private static final String WORK = "emails[type eq \"work\"].value";

  private static ScimService scim;

  public static void main(String[] arguments) throws Exception {
    ClientRequestFilter authorize =
        request -> request.getHeaders().putSingle("Authorization", "Bearer " + System.getenv("TOKEN"));
    // the JDK's own connection knows no PATCH
    ClientConfig config = new ClientConfig().connectorProvider(new Apache5ConnectorProvider());
    scim = new ScimService(ClientBuilder.newClient(config).register(authorize).target(System.getenv("BASE_URL")));

    Checks.check("reads the service provider configuration", Ping::configuration);
    Checks.check("reads resource types and schemas, all and one by one", Ping::discovery);
    Checks.check("creates a user with the enterprise extension", Ping::create);
    Checks.check("reads a conflict as one", Ping::conflict);
    Checks.check("finds by filters of its own making", Ping::filters);
    Checks.check("reads page after page, sorted", Ping::pages);
    var pagination = scim.getServiceProviderConfig().getPagination();
    if (pagination != null && pagination.supportsCursorPagination()) {
      Checks.check("reads page after page by cursor (RFC 9865)", Ping::cursors);
    }
    Checks.check("searches by POST", Ping::post);
    Checks.check("reads what it asked for alone", Ping::projection);
    Checks.check("replaces a user", Ping::replace);
    Checks.check("modifies a user by path, by value path and with several operations", Ping::modify);
    Checks.check("reads a failed precondition as one", Ping::precondition);
    Checks.check("adds members to a group and removes one", Ping::members);
    Checks.check("deletes, and reads what is gone as not found", Ping::delete);
  }

  private static void configuration() throws Exception {
    var config = scim.getServiceProviderConfig();
    Checks.require(config.getPatch().isSupported() && config.getFilter().isSupported(), config);
    Checks.require(!config.getAuthenticationSchemes().isEmpty(), config);
  }

  private static void discovery() throws Exception {
    for (var type : scim.getResourceTypes()) {
      Checks.require(scim.getResourceType(type.getName()).equals(type), type);
    }
    var schemas = scim.getSchemas();
    Checks.require(schemas.getTotalResults() >= 3, schemas);
    for (var schema : schemas) Checks.require(scim.getSchema(schema.getId()).equals(schema), schema);
  }

  private static void create() throws Exception {
    UserResource user = named("Ada@example.com");
    user.setName(new Name().setGivenName("Ada").setFamilyName("Byron"));
    user.setEmails(new Email().setValue("ada@example.com").setType("work").setPrimary(true));
    user.setActive(true);
    user.setExtension(new EnterpriseUserExtension().setDepartment("Engines"));
    UserResource created = scim.create("Users", user);
    Checks.require(created.getMeta().getLocation() != null && created.getMeta().getVersion() != null, created);
    Checks.require(scim.retrieve(created).equals(created), created);
    var extension = created.getExtension(EnterpriseUserExtension.class);
    Checks.require("Engines".equals(extension.getDepartment()), created);
  }

  private static void conflict() throws Exception {
    try {
      scim.create("Users", named("ADA@example.com"));
      throw new AssertionError("not refused");
    } catch (ResourceConflictException error) {
      Checks.require("uniqueness".equals(error.getScimError().getScimType()), error.getScimError());
    }
  }

  private static void filters() throws Exception {
    var work = Filter.complex("emails", Filter.and(Filter.eq("type", "work"), Filter.sw("value", "ADA@")));
    var filter = Filter.and(Filter.eq("userName", "ada@EXAMPLE.com"), Filter.pr("name.familyName"), work);
    var found = search().filter(filter).invoke(UserResource.class);
    Checks.require(found.getTotalResults() == 1, found);
    var none = search().filter(Filter.not(Filter.pr("userName"))).invoke(UserResource.class);
    Checks.require(none.getTotalResults() == 0, none);
  }

  private static void pages() throws Exception {
    for (int number = 0; number < 5; number++) scim.create("Users", named("page-" + number + "@example.com"));
    List<String> names = new ArrayList<>();
    ListResponse<UserResource> page;
    do {
      page = search().filter(Filter.sw("userName", "page-")).sort("userName", SortOrder.DESCENDING)
          .page(names.size() + 1, 2).invoke(UserResource.class);
      for (UserResource user : page) names.add(user.getUserName());
    } while (names.size() < page.getTotalResults());
    Checks.require(names.size() == 5 && names.get(0).startsWith("page-4") && names.get(4).startsWith("page-0"), names);
  }

  private static void cursors() throws Exception {
    List<String> names = new ArrayList<>();
    var page = search().filter(Filter.sw("userName", "page-")).firstPageCursorWithCount(2).invoke(UserResource.class);
    page.forEach(user -> names.add(user.getUserName()));
    while (page.getNextCursor() != null) {
      page = search().filter(Filter.sw("userName", "page-")).pageWithCursor(page.getNextCursor(), 2)
          .invoke(UserResource.class);
      page.forEach(user -> names.add(user.getUserName()));
    }
    Checks.require(names.size() == 5 && names.stream().distinct().count() == 5, names);
  }

  private static void post() throws Exception {
    var found = search().filter(Filter.sw("userName", "page-")).invokePost(UserResource.class);
    Checks.require(found.getTotalResults() == 5, found);
  }

  private static void projection() throws Exception {
    UserResource user = create("grace@example.com");
    var only = scim.retrieveRequest(user).attributes("userName").invoke();
    Checks.require(only.getUserName() != null && only.getId() != null && only.getActive() == null, only);
    var without = scim.retrieveRequest(user).excludedAttributes("active").invoke();
    Checks.require(without.getUserName() != null && without.getActive() == null, without);
  }

  private static void replace() throws Exception {
    UserResource user = create("alan@example.com");
    user.setTitle("Fellow");
    UserResource replaced = scim.replaceRequest(user).ifMatch().invoke();
    Checks.require("Fellow".equals(replaced.getTitle()), replaced);
    Checks.require(!replaced.getMeta().getVersion().equals(user.getMeta().getVersion()), replaced);
  }

  private static void modify() throws Exception {
    UserResource user = create("edsger@example.com");
    UserResource changed = scim.modifyRequest(user)
        .replaceValue("active", false)
        .replaceValue("name.givenName", "Edsger")
        .addValues("emails", new Email().setValue("e@example.com").setType("work"))
        .replaceValue(WORK, "work@example.com")
        .addOperation(PatchOperation.add("phoneNumbers[type eq \"mobile\"].value", text("+31 1")))
        .invoke();
    Checks.require(!changed.getActive() && changed.getName().getGivenName().equals("Edsger"), changed);
    Checks.require(changed.getEmails().get(0).getValue().equals("work@example.com"), changed);
    Checks.require(changed.getPhoneNumbers().get(0).getType().equals("mobile"), changed);
    UserResource cleared = scim.modifyRequest(changed).removeValues("emails").invoke();
    Checks.require(cleared.getEmails() == null || cleared.getEmails().isEmpty(), cleared);
  }

  private static void precondition() throws Exception {
    UserResource user = create("race@example.com");
    scim.modifyRequest(user).replaceValue("title", "First").invoke();
    user.setTitle("Second");
    try {
      scim.replaceRequest(user).ifMatch().invoke();
      throw new AssertionError("not refused");
    } catch (PreconditionFailedException error) {
      Checks.require(error.getScimError().getStatus() == 412, error.getScimError());
    }
  }

  private static void members() throws Exception {
    UserResource one = create("one@example.com");
    UserResource two = create("two@example.com");
    GroupResource group = new GroupResource();
    group.setDisplayName("Owners");
    group.setMembers(List.of(new Member().setValue(one.getId())));
    GroupResource created = scim.create("Groups", group);
    modify(created, PatchOperation.add("members", json("[{\"value\":\"" + two.getId() + "\"}]")));
    Checks.require(scim.retrieve(created).getMembers().size() == 2, created);
    modify(created, PatchOperation.remove("members[value eq \"" + one.getId() + "\"]"));
    var left = scim.retrieve(created).getMembers();
    Checks.require(left.size() == 1 && left.get(0).getValue().equals(two.getId()), left);
    Checks.require(scim.retrieve(two).getGroups().get(0).getValue().equals(created.getId()), two);
  }

  private static void delete() throws Exception {
    UserResource user = create("gone@example.com");
    scim.delete(user);
    try {
      scim.retrieve(user);
      throw new AssertionError("found");
    } catch (ResourceNotFoundException error) {
      Checks.require(error.getScimError().getStatus() == 404, error.getScimError());
    }
  }

  private static void modify(GroupResource group, PatchOperation operation) throws Exception {
    scim.modify(group, new PatchRequest(List.of(operation)));
  }

  private static UserResource create(String userName) throws Exception {
    return scim.create("Users", named(userName));
  }

  private static UserResource named(String userName) {
    UserResource user = new UserResource();
    user.setUserName(userName);
    return user;
  }

  private static SearchRequestBuilder search() {
    return scim.searchRequest("Users");
  }

  private static JsonNode text(String value) {
    return TextNode.valueOf(value);
  }

  private static JsonNode json(String value) throws Exception {
    return new ObjectMapper().readTree(value);
  }
}
