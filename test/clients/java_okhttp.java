// What a client made by openapi-generator (java, okhttp-gson) does with one document.
import java.util.List;
import org.openapitools.client.*;
import org.openapitools.client.api.@ENTITY@Api;
import org.openapitools.client.model.*;

public class Main {
  static void check(boolean good, String what) {
    if (!good) throw new AssertionError(what);
  }

  static @ENTITY@Create body(String name) {
    @ENTITY@Create body = new @ENTITY@Create().name(name);
    @JAVA_BODY@
    body.@CHARACTERISTIC@(List.of(new Characteristic().name("bandwidth").value(100)@JAVA_TYPED@));
    body.putAdditionalProperty("vendorData", "kept");
    return body;
  }

  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient().setBasePath(arguments[0]);
    @ENTITY@Api api = new @ENTITY@Api(client);
    ApiResponse<@ENTITY@> made = api.create@ENTITY@(body("java okhttp 1")).executeWithHttpInfo();
    check(made.getStatusCode() == 201, "created");
    String id = made.getData().getId();
    check("kept".equals(made.getData().getAdditionalProperty("vendorData")), "further members");
    String second = api.create@ENTITY@(body("java okhttp 2")).execute().getId();
    ApiResponse<List<@ENTITY@>> all = api.list@ENTITY@().name("java okhttp 1,java okhttp 2").limit(1).sort("name").executeWithHttpInfo();
    check(all.getData().size() == 1 && all.getHeaders().get("x-total-count").get(0).equals("2"), "a page");
    check(api.list@ENTITY@().name("java okhttp 2").execute().get(0).getId().equals(second), "a filter");
    @ENTITY@ changed = api.patch@ENTITY@(id, new @ENTITY@Change().description("changed")).execute();
    check("changed".equals(changed.getDescription()) && "java okhttp 1".equals(changed.getName()), "patched");
    api.delete@ENTITY@(id).execute();
    api.delete@ENTITY@(second).execute();
    try {
      api.retrieve@ENTITY@(id).execute();
      check(false, "it is gone");
    } catch (ApiException gone) {
      check(gone.getCode() == 404, "404");
    }
    System.out.println("ok");
    System.exit(0);
  }
}
