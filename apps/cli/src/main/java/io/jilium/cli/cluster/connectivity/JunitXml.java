// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.jilium.cli.verb.VerbException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** A report as JUnit writes it: a suite for each test, a case for each action. */
final class JunitXml {
  private JunitXml() {}

  static void write(Report report, Path file) {
    try {
      Files.writeString(file, text(report));
    } catch (IOException e) {
      throw new VerbException(
          "cannot write the JUnit report %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  static String text(Report report) {
    var text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeStartElement("testsuites");
      var suites = new LinkedHashMap<String, List<Report.Entry>>();
      for (var entry : report.entries()) {
        suites
            .computeIfAbsent(entry.scenario().test(), _ -> new java.util.ArrayList<>())
            .add(entry);
      }
      for (var suite : suites.entrySet()) {
        suite(suite.getKey(), suite.getValue(), xml);
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new AssertionError(e);
    }
    return text.toString();
  }

  private static void suite(String name, List<Report.Entry> entries, XMLStreamWriter xml)
      throws XMLStreamException {
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", name);
    xml.writeAttribute("tests", Integer.toString(entries.size()));
    xml.writeAttribute("failures", count(entries, Outcome.Failed.class));
    xml.writeAttribute("skipped", count(entries, Outcome.Skipped.class));
    xml.writeAttribute("time", seconds(entries.stream().mapToDouble(Report.Entry::seconds).sum()));
    for (var entry : entries) {
      xml.writeStartElement("testcase");
      xml.writeAttribute("classname", entry.scenario().fullName());
      xml.writeAttribute("name", entry.action().name() + ": " + entry.action().what());
      xml.writeAttribute("time", seconds(entry.seconds()));
      switch (entry.outcome()) {
        case Outcome.Failed(String reason) -> {
          xml.writeStartElement("failure");
          xml.writeAttribute("message", reason);
          xml.writeCharacters(String.join("\n", entry.flows()));
          xml.writeEndElement();
        }
        case Outcome.Skipped(String reason) -> {
          xml.writeEmptyElement("skipped");
          xml.writeAttribute("message", reason);
        }
        case Outcome.Passed _ -> {}
      }
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }

  private static String count(List<Report.Entry> entries, Class<? extends Outcome> kind) {
    return Long.toString(
        entries.stream().filter(entry -> kind.isInstance(entry.outcome())).count());
  }

  private static String seconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds);
  }
}
