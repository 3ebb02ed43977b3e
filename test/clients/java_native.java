// What a client made by openapi-generator (java, native) does with one document.
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
    return body;
  }

  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(arguments[0]);
    @ENTITY@Api api = new @ENTITY@Api(client);
    ApiResponse<@ENTITY@> made = api.create@ENTITY@WithHttpInfo(body("java native 1"), null);
    check(made.getStatusCode() == 201 && made.getHeaders().containsKey("location"), "created");
    String id = made.getData().getId();
    String second = api.create@ENTITY@(body("java native 2"), null).getId();
    ApiResponse<List<@ENTITY@>> all = api.list@ENTITY@WithHttpInfo(@LIST:name="java native 1,java native 2",limit=1,sort="name"@);
    check(all.getData().size() == 1 && all.getHeaders().get("x-total-count").get(0).equals("2"), "a page");
    check(api.list@ENTITY@(@LIST:name="java native 2"@).get(0).getId().equals(second), "a filter");
    @ENTITY@ changed = api.patch@ENTITY@(id, new @ENTITY@Change().description("changed"), null, made.getHeaders().get("etag").get(0));
    check("changed".equals(changed.getDescription()) && "java native 1".equals(changed.getName()), "patched");
    check(changed.get@CHARACTERISTIC_CLASS@().get(0).getValue().equals(100), "a value as it was");
    api.delete@ENTITY@(id, null);
    api.delete@ENTITY@(second, null);
    try {
      api.retrieve@ENTITY@(@ONE:id=id@);
      check(false, "it is gone");
    } catch (ApiException gone) {
      check(gone.getCode() == 404, "404");
    }
    System.out.println("ok");
  }
}
