package sealpush.peer;

/** A check refuses. Carries its name, and the value that the error names, or null. */
final class Refused extends Exception {
  final String check;
  final String value;

  Refused(String check) {
    this(check, null);
  }

  Refused(String check, String value) {
    super(check);
    this.check = check;
    this.value = value;
  }
}
