namespace Portal.Tests.Helm.Template;

/// <summary>The engine agrees with Go's; the expected texts were made with it.</summary>
public sealed class TemplateTests
{
    private static readonly JsonObject s_root = (JsonObject)JsonNode.Parse("""
        {"Values": {"text": "abc", "empty": "", "zero": 0, "number": 7, "yes": true, "no": false, "list": ["a", "b"], "map": {"y": 2, "x": 1}, "nothing": null}}
        """)!;

    [Theory]
    [InlineData("a {{- .Values.text }} b", "aabc b")]
    [InlineData("a {{ .Values.text -}} b", "a abcb")]
    [InlineData("a\n  {{- if .Values.yes }}\n  b\n  {{- end }}\nc", "a\n  b\nc")]
    [InlineData("{{ if .Values.empty }}a{{ else if .Values.zero }}b{{ else }}c{{ end }}", "c")]
    [InlineData("{{ with .Values.map }}{{ .x }}{{ $.Values.text }}{{ else }}none{{ end }}", "1abc")]
    [InlineData("{{ with .Values.nothing }}some{{ else }}none{{ end }}", "none")]
    [InlineData("{{ range .Values.list }}<{{ . }}>{{ end }}", "<a><b>")]
    [InlineData("{{ range $k, $v := .Values.map }}{{ $k }}={{ $v }};{{ end }}", "x=1;y=2;")]
    [InlineData("{{ range $i, $v := .Values.list }}{{ $i }}{{ $v }}{{ $.Values.number }}{{ end }}", "0a71b7")]
    [InlineData("{{ range .Values.nothing }}a{{ else }}b{{ end }}{{ range .Values.list }}c{{ else }}d{{ end }}", "bcc")]
    [InlineData("{{ .Values.nothing | default \"d\" | quote }}", "\"d\"")]
    [InlineData("{{ default .Values.text .Values.empty }}", "abc")]
    [InlineData("{{ printf \"%s-%s\" .Values.text \"x\" | trunc 5 | trimSuffix \"-\" }}", "abc-x")]
    [InlineData("{{ .Values.text | trunc 2 | nindent 2 }}", "\n  ab")]
    [InlineData("{{ if and .Values.yes (not .Values.no) }}t{{ end }}{{ if or .Values.no .Values.zero }}f{{ end }}", "t")]
    [InlineData("{{ .Values.yes | quote }}{{ .Values.number | quote }}", "\"true\"\"7\"")]
    [InlineData("{{/* a {{ comment }} */}}x{{- /* b */ -}} y", "xy")]
    [InlineData("{{ join \",\" .Values.list }}{{ contains \"b\" .Values.text }}", "a,btrue")]
    [InlineData("{{ (urlParse \"https://a.example:8443/x\").hostname }}", "a.example")]
    [InlineData("{{ define \"t\" }}[{{ . }}]{{ end }}{{ include \"t\" .Values.text }}", "[abc]")]
    [InlineData("{{ gt (int .Values.number) 1 }}{{ gt (int .Values.number) 7 }}", "truefalse")]
    [InlineData("{{ \"{{\" }}", "{{")]
    public void Run_Template_GivesWhatGoDoes(string template, string expected) => Assert.Equal(expected, Run(template));

    [Theory]
    [InlineData("{{ .Values.nothing.x }}", "nil pointer")]
    [InlineData("{{ .Values.missing }}", "no value to print")]
    [InlineData("{{ .Values.map }}", "a list or map is printed")]
    [InlineData("{{ lookup \"v1\" }}", "the function lookup with 1 arguments is outside the subset")]
    [InlineData("{{ if .Values.yes }}", "is not closed")]
    [InlineData("{{ end }}", "ends nothing")]
    [InlineData("{{ template \"t\" . }}", "outside the subset")]
    [InlineData("{{ $x := .Values.text }}", "")]
    [InlineData("{{ include \"none\" . }}", "there is no template")]
    [InlineData("{{ printf \"%d\" .Values.number }}", "outside the subset")]
    [InlineData("{{ fail \"because\" }}", "because")]
    public void Run_OutsideTheSubset_Refuses(string template, string expected) =>
        Assert.Contains(expected, Assert.Throws<TemplateException>(() => Run(template)).Message, StringComparison.Ordinal);

    private static string Run(string template)
    {
        var definitions = new Dictionary<string, IReadOnlyList<TemplateNode>>(StringComparer.Ordinal);
        return new TemplateRunner(definitions).Run(TemplateParser.Parse("t", template, definitions), s_root);
    }
}
