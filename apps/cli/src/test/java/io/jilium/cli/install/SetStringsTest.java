// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Helm's notation of values on a command line. */
final class SetStringsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          a=1                     ~ {a=1}
          a=x,b=true,c=null       ~ {a=x, b=true, c=null}
          a.b.c=d,a.b.e=f         ~ {a={b={c=d, e=f}}}
          a={x,y},b={}            ~ {a=[x, y], b=[]}
          a=x\\,y                 ~ {a=x,y}
          a\\.b=c                 ~ {a.b=c}
          a[1].n=x,a[0].n=y       ~ {a=[{n=y}, {n=x}]}
          a[0][1]=x               ~ {a=[[null, x]]}
          a=                      ~ {a=}
          a=k=v                   ~ {a=k=v}
          a=10.0.0.0/8            ~ {a=10.0.0.0/8}
          a=007                   ~ {a=007}
          """)
  void reads(String source, String tree) {
    var values = new LinkedHashMap<String, @Nullable Object>();
    SetStrings.apply(values, source, SetStrings.TYPED);
    assertThat(values).hasToString(tree);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      textBlock =
          """
          a        ~ a is not KEY=VALUE: no = follows
          =b       ~ "=b" is not KEY=VALUE
          a={x     ~ the list in "a={x" does not end
          a[x]=1   ~ [x] is no place in a list
          a[-1]=1  ~ [-1] is no place in a list
          """)
  void refuses(String source, String message) {
    assertThatThrownBy(() -> SetStrings.apply(new LinkedHashMap<>(), source, SetStrings.TYPED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
