// Runs checks by name and prints each as a line of JSON. Both Java drivers use it.
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

final class Checks {
  interface Check {
    void run() throws Exception;
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private Checks() {}

  static void check(String name, Check check) throws Exception {
    try {
      check.run();
      print(name, "passed", "");
    } catch (Exception | AssertionError error) {
      print(name, "failed", error.toString());
    }
  }

  static void require(boolean holds, Object seen) {
    if (!holds) throw new AssertionError("seen: " + seen);
  }

  private static void print(String name, String status, String detail) throws Exception {
    Map<String, String> line = new LinkedHashMap<>();
    line.put("name", name);
    line.put("status", status);
    line.put("detail", detail);
    System.out.println(JSON.writeValueAsString(line));
  }
}
