/** Log sources and the DuckDB store. */
@NullMarked
package io.devopscopilot.collector;

import org.jspecify.annotations.NullMarked;
