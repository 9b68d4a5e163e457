using Portal.ApiServer.Selectors;
using Portal.Kubernetes.Selectors;

namespace Portal.Tests.ApiServer.Selectors;

public sealed class SelectorTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("app=x", true)]
    [InlineData("app==x", true)]
    [InlineData("app = x , tier", true)]
    [InlineData("app=y", false)]
    [InlineData("app!=x", false)]
    [InlineData("none!=x", true)]
    [InlineData("app in (x,y)", true)]
    [InlineData("app in (y)", false)]
    [InlineData("app notin (y, z)", true)]
    [InlineData("none notin (y)", true)]
    [InlineData("tier", true)]
    [InlineData("none", false)]
    [InlineData("!none", true)]
    [InlineData("!tier", false)]
    [InlineData("empty=", true)]
    [InlineData("empty in (,x)", true)]
    [InlineData("n>4,n<6", true)]
    [InlineData("n>5", false)]
    [InlineData("example.org/a=b", true)]
    public void LabelSelector_Matches_AsUpstream(string? selector, bool expected) =>
        Assert.Equal(expected, LabelSelector.Parse(selector).Matches(Labelled()));

    [Theory]
    [InlineData("a in (b")]
    [InlineData("a in b")]
    [InlineData("a,")]
    [InlineData(",a")]
    [InlineData("a=b=c")]
    [InlineData("=b")]
    [InlineData("a b")]
    [InlineData("-a=b")]
    [InlineData("a=-b")]
    [InlineData("a>x")]
    [InlineData("Bad_Prefix/a=b")]
    public void LabelSelector_Malformed_Throws(string selector) => Assert.Throws<SelectorException>(() => LabelSelector.Parse(selector));

    [Theory]
    [InlineData("""{"matchLabels":{"app":"x"}}""", true)]
    [InlineData("""{"matchLabels":{"app":"y"}}""", false)]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"In","values":["x"]},{"key":"none","operator":"DoesNotExist"}]}""", true)]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"NotIn","values":["x"]}]}""", false)]
    [InlineData("{}", true)]
    public void LabelSelector_FromJson_Matches(string selector, bool expected) =>
        Assert.Equal(expected, LabelSelector.FromJson((JsonObject)JsonNode.Parse(selector)!).Matches(Labelled()));

    [Theory]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"Like","values":["x"]}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"In"}]}""")]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"Exists","values":["x"]}]}""")]
    public void LabelSelector_FromWrongJson_Throws(string selector) =>
        Assert.Throws<SelectorException>(() => LabelSelector.FromJson((JsonObject)JsonNode.Parse(selector)!));

    [Theory]
    [InlineData(null, true)]
    [InlineData("metadata.name=e1", true)]
    [InlineData("metadata.name!=e1", false)]
    [InlineData("metadata.name==e1,metadata.namespace=ns", true)]
    [InlineData("involvedObject.kind=Widget,involvedObject.name=w,type!=Normal", true)]
    [InlineData("involvedObject.uid=", true)]
    [InlineData("source=conf", true)]
    [InlineData("reason=a\\,b", true)]
    public void FieldSelector_Matches_AsUpstream(string? selector, bool expected)
    {
        var target = (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"e1","namespace":"ns"},"involvedObject":{"kind":"Widget","name":"w"},"type":"Warning","reason":"a,b","source":{"component":"conf"}}
            """)!;

        Assert.Equal(expected, FieldSelector.Parse(selector, SelectableFields.For("", "events"), true).Matches(target));
    }

    [Fact]
    public void FieldSelector_Name_IsFound()
    {
        Assert.Equal("x", FieldSelector.Parse("metadata.name=x", [], true).Name);
        Assert.Null(FieldSelector.Parse("metadata.name!=x", [], true).Name);
    }

    [Theory]
    [InlineData("data.k=v")]
    [InlineData("metadata.name")]
    [InlineData("metadata.name=a\\x")]
    public void FieldSelector_Unsupported_Throws(string selector) => Assert.Throws<SelectorException>(() => FieldSelector.Parse(selector, [], true));

    [Fact]
    public void ForCustomResource_SelectableFields_LoseTheLeadingDot() =>
        Assert.Equal(["spec.mode"], SelectableFields.ForCustomResource((JsonArray)JsonNode.Parse("""[{"jsonPath":".spec.mode"}]""")!));

    private static JsonObject Labelled() =>
        (JsonObject)JsonNode.Parse("""{"metadata":{"labels":{"app":"x","tier":"front","empty":"","n":"5","example.org/a":"b"}}}""")!;
}
