package sealpush.peer;

import java.util.stream.IntStream;

/** Version, suite and size, in this order; and the window of time. */
final class OuterForm {
  static final long MINUTE = 60_000;
  static final long DAY = 24 * 60 * MINUTE;

  private OuterForm() {}

  static void check(byte[] bytes, int[] plaintexts, int overhead) throws Refused {
    if (bytes.length > 0 && bytes[0] != 1) {
      throw new Refused("version", String.valueOf(bytes[0] & 0xff));
    }
    if (bytes.length > 1 && bytes[1] != 1) {
      throw new Refused("suite", String.valueOf(bytes[1] & 0xff));
    }
    if (IntStream.of(plaintexts).noneMatch(length -> length + overhead == bytes.length)) {
      throw new Refused("size");
    }
  }

  static boolean isTimely(long at, long now, long age) {
    return at >= 0 && now - at <= age && at - now <= 5 * MINUTE;
  }

  /** The smallest length that holds so much. */
  static int smallest(int[] plaintexts, int length) {
    return IntStream.of(plaintexts).filter(plaintext -> plaintext >= length).findFirst().orElseThrow();
  }
}
