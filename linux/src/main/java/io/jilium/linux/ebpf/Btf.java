// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.ebpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The types that an object file describes: structs, enums and variables by name. The format is that
 * of {@code Documentation/bpf/btf.rst} and linux/btf.h.
 */
public final class Btf {
  private static final int INT = 1;
  private static final int PTR = 2;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int TYPEDEF = 8;
  private static final int FUNC = 12;
  private static final int FUNC_PROTO = 13;
  private static final int VAR = 14;
  private static final int DATASEC = 15;
  private static final int FLOAT = 16;
  private static final int DECL_TAG = 17;
  private static final int ENUM64 = 19;

  private final ByteBuffer data;
  private final int strings;

  /** Where each type begins, by id; id 0 is void. */
  private final List<Integer> types = new ArrayList<>();

  /** Parses the content of a {@code .BTF} section; an empty one has no types. */
  public Btf(byte[] bytes) {
    this.data = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    types.add(0);
    if (bytes.length == 0) {
      this.strings = 0;
      return;
    }
    if (data.getShort(0) != (short) 0xeb9f) {
      throw new IllegalArgumentException("not BTF: begins with " + data.getShort(0));
    }
    int header = data.getInt(4);
    this.strings = header + data.getInt(16);
    int at = header + data.getInt(8);
    int end = at + data.getInt(12);
    while (at < end) {
      types.add(at);
      at += 12 + tail(kind(at), count(at));
    }
  }

  /** A struct or union; offsets and sizes are in bytes, of bit fields in bits. */
  public record Struct(String name, int size, List<Member> members) {
    public Struct {
      members = List.copyOf(members);
    }
  }

  /** One member; {@code bits} is 0 unless it is a bit field. */
  public record Member(String name, int bitOffset, int size, int bits) {
    public int offset() {
      return bitOffset / 8;
    }
  }

  /** A global variable; {@code section} is such as {@code .rodata}. */
  public record Variable(String section, String name, int offset, int size) {}

  public Optional<Struct> struct(String name) {
    for (int id = 1; id < types.size(); id++) {
      int at = types.get(id);
      if ((kind(at) == STRUCT || kind(at) == UNION) && name(at).equals(name)) {
        return Optional.of(struct(at));
      }
    }
    return Optional.empty();
  }

  /** Names of all structs and unions that have one. */
  public List<String> structs() {
    return types.stream()
        .skip(1)
        .filter(at -> kind(at) == STRUCT || kind(at) == UNION)
        .map(this::name)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /** The values of an enum by name, in order. */
  public Optional<Map<String, Long>> enumeration(String name) {
    for (int id = 1; id < types.size(); id++) {
      int at = types.get(id);
      if ((kind(at) == ENUM || kind(at) == ENUM64) && name(at).equals(name)) {
        return Optional.of(enumeration(at));
      }
    }
    return Optional.empty();
  }

  public List<Variable> variables() {
    var variables = new ArrayList<Variable>();
    for (int id = 1; id < types.size(); id++) {
      int section = types.get(id);
      for (int i = 0; kind(section) == DATASEC && i < count(section); i++) {
        int entry = section + 12 + 12 * i;
        int variable = types.get(data.getInt(entry));
        if (kind(variable) == VAR) {
          variables.add(
              new Variable(
                  name(section), name(variable), data.getInt(entry + 4), data.getInt(entry + 8)));
        }
      }
    }
    return variables;
  }

  private Struct struct(int at) {
    boolean bitFields = data.getInt(at + 4) < 0;
    var members = new ArrayList<Member>();
    for (int i = 0; i < count(at); i++) {
      int member = at + 12 + 12 * i;
      int offset = data.getInt(member + 8);
      int bits = bitFields ? offset >>> 24 : 0;
      members.add(
          new Member(
              string(data.getInt(member)),
              bitFields ? offset & 0xffffff : offset,
              size(data.getInt(member + 4)),
              bits));
    }
    return new Struct(name(at), data.getInt(at + 8), members);
  }

  private Map<String, Long> enumeration(int at) {
    var values = new LinkedHashMap<String, Long>();
    boolean wide = kind(at) == ENUM64;
    boolean signed = data.getInt(at + 4) < 0;
    for (int i = 0; i < count(at); i++) {
      int value = at + 12 + (wide ? 12 : 8) * i;
      long low = data.getInt(value + 4);
      low = signed && !wide ? low : low & 0xffffffffL;
      long high = wide ? (long) data.getInt(value + 8) << 32 : 0;
      values.put(string(data.getInt(value)), high | low);
    }
    return values;
  }

  /** Bytes of a type, through typedefs and qualifiers. */
  private int size(int id) {
    int at = types.get(id);
    return switch (kind(at)) {
      case PTR -> 8;
      case ARRAY -> size(data.getInt(at + 12)) * data.getInt(at + 20);
      case INT, STRUCT, UNION, ENUM, ENUM64, FLOAT, DATASEC -> data.getInt(at + 8);
      default -> id == 0 ? 0 : size(data.getInt(at + 8));
    };
  }

  private static int tail(int kind, int count) {
    return switch (kind) {
      case INT, VAR, DECL_TAG -> 4;
      case ARRAY -> 12;
      case STRUCT, UNION, DATASEC, ENUM64 -> 12 * count;
      case ENUM, FUNC_PROTO -> 8 * count;
      case TYPEDEF, FUNC -> 0;
      default -> 0;
    };
  }

  private int kind(int at) {
    return at == 0 ? 0 : data.getInt(at + 4) >> 24 & 0x1f;
  }

  private int count(int at) {
    return data.getInt(at + 4) & 0xffff;
  }

  private String name(int at) {
    return string(data.getInt(at));
  }

  private String string(int offset) {
    int start = strings + offset;
    int end = start;
    while (data.get(end) != 0) {
      end++;
    }
    return new String(data.array(), start, end - start, StandardCharsets.UTF_8);
  }
}
