using System.Net;
using Portal.Kubernetes.Configuration;

namespace Portal.Tests.Kubernetes.Configuration;

public sealed class EnvironmentProxyTests
{
    [Theory]
    [InlineData("", "https://cluster.test", true)]
    [InlineData("", "https://127.0.0.1:6443", false)]
    [InlineData("", "https://localhost:6443", false)]
    [InlineData("", "https://[::1]:6443", false)]
    [InlineData("*", "https://cluster.test", false)]
    [InlineData("10.0.0.0/8", "https://10.96.0.1", false)]
    [InlineData("10.0.0.0/8", "https://11.96.0.1", true)]
    [InlineData("10.0.0.0/8", "https://cluster.test", true)]
    [InlineData("10.1.2.3/8", "https://10.96.0.1", false)]
    [InlineData("fd00::/8", "https://[fd00::1]:443", false)]
    [InlineData("10.96.0.1", "https://10.96.0.1", false)]
    [InlineData("10.96.0.1:6443", "https://10.96.0.1", true)]
    [InlineData("10.96.0.1:443", "https://10.96.0.1", false)]
    [InlineData("a.test, Cluster.test", "https://cluster.test", false)]
    [InlineData("cluster.test", "https://api.cluster.test", false)]
    [InlineData("cluster.test", "https://mycluster.test", true)]
    [InlineData(".cluster.test", "https://api.cluster.test", false)]
    [InlineData(".cluster.test", "https://cluster.test", true)]
    [InlineData("*.cluster.test", "https://api.cluster.test", false)]
    [InlineData("cluster.test:6443", "https://cluster.test", true)]
    public void GetProxy_Exceptions_AreThoseOfKubectl(string exceptions, string server, bool proxied)
    {
        var proxy = New(("HTTPS_PROXY", "http://proxy.test:3128"), ("NO_PROXY", exceptions));
        Assert.Equal(proxied ? new Uri("http://proxy.test:3128") : null, proxy.GetProxy(new Uri(server)));
        Assert.Equal(!proxied, proxy.IsBypassed(new Uri(server)));
    }

    [Fact]
    public void GetProxy_IsByScheme_AndNamesMayBeLowerCase()
    {
        var proxy = New(("https_proxy", "secure.test:1"), ("http_proxy", "http://plain.test:2"), ("no_proxy", "none.test"));
        Assert.Equal("secure.test", proxy.GetProxy(new Uri("https://cluster.test"))!.Host);
        Assert.Equal("plain.test", proxy.GetProxy(new Uri("http://cluster.test"))!.Host);
        Assert.Null(proxy.GetProxy(new Uri("https://none.test")));
        Assert.Null(New().GetProxy(new Uri("https://cluster.test")));
    }

    [Fact]
    public void Credentials_AreThoseOfTheAddress()
    {
        var credential = New(("HTTPS_PROXY", "http://me:p%40ss@proxy.test:3128")).Credentials as NetworkCredential;
        Assert.Equal(("me", "p@ss"), (credential!.UserName, credential.Password));
    }

    [Fact]
    public void New_NoUrl_NamesTheVariableOnly()
    {
        var message = Assert.Throws<KubeConfigException>(() => New(("HTTPS_PROXY", "http://me:s3cret@:::"))).Message;
        Assert.Equal("HTTPS_PROXY: is not a URL.", message);
    }

    private static EnvironmentProxy New(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
