@NullMarked
package io.jilium.linux.sys;

import org.jspecify.annotations.NullMarked;
