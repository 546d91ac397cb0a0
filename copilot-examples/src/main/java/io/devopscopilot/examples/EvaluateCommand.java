package io.devopscopilot.examples;

import picocli.CommandLine.Command;

/** {@code evaluate}: measures the product on labelled data; one subcommand per class. */
@Command(
    name = "evaluate",
    description = "Measures the product on labelled data.",
    mixinStandardHelpOptions = true,
    subcommands = {
      EvaluateSeverity.class,
      EvaluateCategory.class,
      EvaluateAlerts.class,
      EvaluateRetrieval.class,
      EvaluateAnswers.class,
      EvaluateDetection.class,
      EvaluateSequences.class,
      EvaluatePrediction.class
    })
final class EvaluateCommand {}
