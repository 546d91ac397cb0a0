/** The same pipeline as a Flink job: Kafka to verdicts, issues and Parquet files. */
@NullMarked
package io.devopscopilot.flink;

import org.jspecify.annotations.NullMarked;
