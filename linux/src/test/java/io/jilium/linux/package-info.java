@NullMarked
package io.jilium.linux;

import org.jspecify.annotations.NullMarked;
