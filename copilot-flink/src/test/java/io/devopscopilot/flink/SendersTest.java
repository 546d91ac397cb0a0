package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class SendersTest {
  private static Origin origin(int n) {
    return Origin.builder()
        .namespace("shop")
        .service("cart-" + n)
        .pod("cart-" + n + "-0")
        .podUid("u" + n)
        .container("app")
        .node("n1")
        .owner("StatefulSet/cart-" + n)
        .restartCount(n)
        .labels(Map.of("app", "cart"))
        .build();
  }

  private static DataInputDeserializer written(Origin origin) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    new Sender(origin).write(out);
    return new DataInputDeserializer(out.getCopyOfBuffer());
  }

  @Test
  void linesOfOneOriginShareASender() throws IOException {
    Senders senders = new Senders();
    Sender read = senders.read(written(origin(1)));
    assertThat(read.origin()).isEqualTo(origin(1));
    assertThat(senders.read(written(origin(2))).origin()).isEqualTo(origin(2));
    assertThat(senders.read(written(origin(1)))).isSameAs(read);
    assertThat(senders.of(origin(3))).isSameAs(senders.of(origin(3)));
  }

  @Test
  void moreThanAreRememberedAreStillToldApart() throws IOException {
    Senders senders = new Senders();
    for (int round = 0; round < 2; round++) {
      for (int n = 0; n < 10_050; n++) {
        assertThat(senders.read(written(origin(n))).origin()).isEqualTo(origin(n));
      }
    }
  }
}
