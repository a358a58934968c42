// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a template makes of data; the expected texts are what Go's text/template writes. */
final class TemplatesTest {
  private static final Map<String, Object> DATA =
      Map.of(
          "Values",
          Map.of(
              "name",
              "a",
              "yes",
              true,
              "no",
              false,
              "number",
              16_777_216,
              "ratio",
              0.0025,
              "list",
              List.of("x", "y"),
              "none",
              List.of(),
              "map",
              Map.of("b", 2, "a", "1")));

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          <{{ .Values.name }}>                                    ~ <a>
          <{{- .Values.name -}}>                                  ~ <a>
          < {{- .Values.name -}} >                                ~ <a>
          {{/* nothing */}}<{{ .Values.missing }}>                ~ <>
          {{ if .Values.yes }}1{{ else }}2{{ end }}               ~ 1
          {{ if .Values.no }}1{{ else if .Values.yes }}2{{ end }} ~ 2
          {{ if .Values.none }}1{{ else }}2{{ end }}              ~ 2
          {{ with .Values.map }}{{ .a }}{{ $.Values.name }}{{ end }} ~ 1a
          {{ range .Values.list }}{{ . }},{{ end }}               ~ x,y,
          {{ range $i, $v := .Values.list }}{{ $i }}{{ $v }}{{ end }} ~ 0x1y
          {{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }} ~ a=1;b=2;
          {{ range .Values.none }}1{{ else }}2{{ end }}           ~ 2
          {{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }} ~ 2
          {{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }} ~ 1
          {{ "a\\"b" | quote }}{{ .Values.missing | quote }}      ~ "a\\"b"
          {{ `raw` | quote }}{{ 3 | quote }}{{ true | quote }}    ~ "raw""3""true"
          {{ int64 .Values.number | quote }}{{ .Values.ratio | quote }} ~ "16777216""0.0025"
          {{ join " " .Values.list | quote }}                     ~ "x y"
          {{ .Values.missing | default "d" }}{{ .Values.name | default "d" }} ~ da
          {{ and .Values.yes .Values.name }}{{ or .Values.no "b" }} ~ ab
          {{ if and .Values.no .Values.no.deeper }}1{{ end }}     ~ ``
          {{ eq .Values.name "b" "a" }}{{ ne .Values.name "a" }}  ~ truefalse
          {{ not .Values.yes }}{{ not (eq .Values.name "b") }}    ~ falsetrue
          {{ printf "%s-%d%%" "a" 3 }}{{ print "a" 3 }}           ~ a-3%a3
          {{ printf "%s%s" .Values.name .Values.map.a }}          ~ a1
          {{ (.Values.map).b }}                                   ~ 2
          {{ "abc" | sha256sum }} ~ ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
          """)
  void writes(String source, String expected) {
    assertThat(execute(source)).isEqualTo(expected);
  }

  @Test
  void writesYamlIndented() {
    assertThat(execute("x:\n  {{- toYaml .Values | nindent 2 }}\n"))
        .isEqualTo(
            """
            x:
              list:
              - x
              - y
              map:
                a: '1'
                b: 2
              name: a
              'no': false
              none: []
              number: 16777216
              ratio: 0.0025
              'yes': true
            """);
  }

  @Test
  void includesNamedTemplatesOfOtherFiles() {
    var templates = new Templates();
    templates.add("_helpers.tpl", "{{ define \"greet\" }}hello {{ .name }}{{ end }}");
    templates.add("a.yaml", "{{ include \"greet\" .Values | quote }}");
    templates.add("b.yaml", "{{ include (print .Base \"a.yaml\") . }}");
    assertThat(templates.execute("a.yaml", DATA)).isEqualTo("\"hello a\"");
    assertThat(templates.execute("b.yaml", Map.of("Base", "", "Values", Map.of("name", "b"))))
        .isEqualTo("\"hello b\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {{ lookup "v1" "Pod" "" "" }}    ~ t:1: lookup: there is no such function here
          {{ template "x" . }}             ~ t:1: template is not understood here
          {{ .Values.name.deeper }}        ~ t:1: .Values.name is no section, so it has no field deeper
          {{ .Values.missing.deeper }}     ~ t:1: .Values.missing is not set, so it has no field deeper
          {{ if .Values.yes }}             ~ t:1: {{ end }} is missing
          a{{ end }}                       ~ t:1: {{ end }} has no beginning
          {{ $y }}                         ~ t:1: there is no variable $y
          {{ .Values.list }}               ~ t:1: a list or a section needs toYaml to be written
          {{ fail "no" }}                  ~ t:1: fail: no
          {{ eq 1 "1" }}                   ~ t:1: eq: 1 and 1 are of different kinds
          {{ "a" }                         ~ t:1: '}' has no meaning here
          {{ include "none" . }}           ~ t:1: there is no template none
          {{ quote (1 }}                   ~ t:1: the bracket is not closed
          """)
  void refusesWithFileAndLine(String source, String message) {
    assertThatThrownBy(() -> execute(source))
        .isInstanceOf(TemplateException.class)
        .hasMessage(message);
  }

  @Test
  void countsLines() {
    assertThatThrownBy(
            () -> execute("a\n{{/* two\nlines */}}\n{{ if true -}}\n\n{{ nothing }}{{ end }}"))
        .hasMessageStartingWith("t:6: nothing");
  }

  private static String execute(String source) {
    var templates = new Templates();
    templates.add("t", source);
    return templates.execute("t", DATA);
  }
}
