{{- define "jilium.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "jilium.labels" -}}
app.kubernetes.io/part-of: jilium
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "jilium.apiserver" -}}
{{- if .Values.k8sServiceHost }}
- name: KUBERNETES_SERVICE_HOST
  value: {{ .Values.k8sServiceHost | quote }}
{{- end }}
{{- if .Values.k8sServicePort }}
- name: KUBERNETES_SERVICE_PORT
  value: {{ .Values.k8sServicePort | quote }}
{{- end }}
{{- end -}}

{{- define "jilium.pools" -}}
{{- range $name, $pool := .Values.ipam.operator.autoCreateCiliumPodIPPools -}}
{{ $name }}=
{{- with $pool.ipv4 }}ipv4-cidrs:{{ join "," .cidrs }};ipv4-mask-size:{{ int64 .maskSize }};{{ end }}
{{- with $pool.ipv6 }}ipv6-cidrs:{{ join "," .cidrs }};ipv6-mask-size:{{ int64 .maskSize }};{{ end }}{{ " " }}
{{- end -}}
{{- end -}}
