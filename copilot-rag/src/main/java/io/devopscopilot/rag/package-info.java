/** Knowledge, retrieval and cited answers. */
@NullMarked
package io.devopscopilot.rag;

import org.jspecify.annotations.NullMarked;
