@NullMarked
package io.jilium.linux.ebpf;

import org.jspecify.annotations.NullMarked;
