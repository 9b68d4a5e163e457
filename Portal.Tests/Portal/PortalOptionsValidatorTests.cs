using Microsoft.Extensions.Configuration;

namespace Portal.Tests.Portal;

public class PortalOptionsValidatorTests
{
    [Fact]
    public void Read_NothingSet_GivesDefaults()
    {
        var options = PortalOptionsValidator.Read(new ConfigurationBuilder().Build());

        Assert.Equal(("data", "auto", 7443), (options.DataDirectory, options.Cluster.Mode, options.ApiServer.Port));
    }

    [Theory]
    [InlineData("Portal:ApiServer:Port", "70000")]
    [InlineData("Portal:ApiServer:Port", "-1")]
    [InlineData("Portal:ApiServer:Port", "https")]
    [InlineData("Portal:Cluster:Mode", "cloud")]
    [InlineData("Portal:Cluster:Kubeconfig", "/tmp/config")]
    [InlineData("Portal:Cluster:Context", " ")]
    [InlineData("Portal:DataDirectory", " ")]
    [InlineData("Portal:DataDirectroy", "data")]
    [InlineData("Portal:Cluster:Modus", "embedded")]
    [InlineData("Portal:ManagementPort", "0")]
    [InlineData("Portal:Operator:RunInformers", "false")]
    [InlineData("Portal:Role", "worker")]
    [InlineData("Portal:Operator:Shard", "team in (a")]
    [InlineData("Portal:Operator:LeaderElection", "perhaps")]
    [InlineData("Portal:Operator:InstallDefinitions", "perhaps")]
    [InlineData("Portal:Operator:LeaderElectionNamespace", "Kube.System")]
    [InlineData("Portal:Operator:LeaseSeconds", "2")]
    [InlineData("Portal:Operator:UsageUrl", "portal/usage")]
    [InlineData("Portal:Operator:UsageUrl", "ftp://portal")]
    [InlineData("Portal:Operator:UsageTokenSecret", "To_ken")]
    [InlineData("Portal:Operator:UsageTokenSecret", "token")]
    [InlineData("Portal:Operator:Workers", "0")]
    [InlineData("Portal:Operator:WritesPerSecond", "-1")]
    [InlineData("Portal:Operator:ResyncMinutes", "often")]
    [InlineData("Portal:Releases:Approvals", "many")]
    [InlineData("Portal:Releases:Aprovals", "2")]
    [InlineData("Portal:Releases:ExpiresAfterHours", "0")]
    [InlineData("Portal:Releases:AllowSelfApproval", "no")]
    [InlineData("Portal:Releases:Environments:0:Name", " ")]
    [InlineData("Portal:Notifications:AllowPrivateAddresses", "perhaps")]
    [InlineData("Portal:Notifications:WebhookKey", "short")]
    [InlineData("Portal:Notifications:Smpt:Host", "mail.example.com")]
    [InlineData("Portal:Notifications:Smtp:Host", "mail server")]
    [InlineData("Logging:LogLevel:Default", "Loud")]
    [InlineData("Logging:Console:LogLevel:Microsoft", "Loud")]
    public void Read_WrongValue_NamesItsKey(string key, string value)
    {
        var exception = Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(Configuration((key, value))));

        Assert.StartsWith(key + " is ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Portal:PublicUrl", "portal.example.com")]
    [InlineData("Portal:PublicUrl", "https://portal.example.com/here")]
    [InlineData("Portal:TrustedProxies", "10.0.0.0/8, gateway")]
    [InlineData("Portal:TrustedProxies", "10.0.0.1/99")]
    [InlineData("Portal:ReadOnly", "yes")]
    [InlineData("Portal:Auth:Odic:corp:Authority", "https://login.example.com")]
    [InlineData("Portal:Auth:SessionIdle", "8h")]
    [InlineData("Portal:Auth:SessionLifetime", "00:00:00")]
    [InlineData("Portal:Auth:ImpersonateUsers", "on")]
    [InlineData("Portal:Auth:Oidc:corp:Authority", "login.example.com")]
    [InlineData("Portal:Auth:Oidc:corp:Authority", "http://login.example.com")]
    [InlineData("Portal:Auth:Oidc:corp:ClientId", " ")]
    [InlineData("Portal:Auth:Oidc:corp:ClientSecretFile", "/nowhere/secret")]
    [InlineData("Portal:Auth:Oidc:corp:Scopes", "profile email")]
    [InlineData("Portal:Auth:Oidc:corp:Groups", "groups")]
    [InlineData("Portal:Auth:Roles:0:Role", "Boss")]
    [InlineData("Portal:Auth:Roles:0:Role", "4")]
    [InlineData("Portal:Auth:Roles:0:Namespaces", "Team_A")]
    [InlineData("Portal:Auth:Roles:0:Namespaces", "")]
    [InlineData("Portal:Auth:Roles:0:User", "ada")]
    [InlineData("Portal:Auth:Roles:0:Provider", "partner")]
    [InlineData("Portal:Auth:Oidc:corp:VerifiesEmails", "sure")]
    [InlineData("Portal:Auth:KeyCertificateFile", "/tls.crt")]
    public void Read_WrongSignIn_NamesItsKey(string key, string value)
    {
        var values = new Dictionary<string, string>
        {
            ["Portal:Auth:Oidc:corp:Authority"] = "https://login.example.com",
            ["Portal:Auth:Oidc:corp:ClientId"] = "portal",
            ["Portal:Auth:Roles:0:Group"] = "authors",
            ["Portal:Auth:Roles:0:Role"] = "author",
            ["Portal:Auth:Roles:0:Namespaces"] = "team-a, team-b-*",
        };
        PortalOptionsValidator.Read(Configuration([.. values.Select(pair => (pair.Key, pair.Value))]));
        values[key] = value;

        var exception = Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(Configuration([.. values.Select(pair => (pair.Key, pair.Value))])));

        var named = key.Replace(":User", "", StringComparison.Ordinal).Replace(":Odic:corp:Authority", ":Odic", StringComparison.Ordinal);
        Assert.StartsWith(named + " ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Read_ImpersonationWithoutProvider_SaysSo() => Assert.StartsWith("Portal:Auth:ImpersonateUsers is set, but there is no provider", Assert.Throws<StartupException>(
        () => PortalOptionsValidator.Read(Configuration(("Portal:Auth:ImpersonateUsers", "true")))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_NameOfAProviderThatIsNone_SaysWhatOneIs() => Assert.Contains("Portal:Auth:Oidc:c_rp is not a name for a provider", Assert.Throws<StartupException>(
        () => PortalOptionsValidator.Read(Configuration(("Portal:Auth:Oidc:c_rp:ClientId", "portal")))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_RolesWithoutProvider_SaysSo() => Assert.StartsWith("Portal:Auth:Roles is set, but there is no provider", Assert.Throws<StartupException>(
        () => PortalOptionsValidator.Read(Configuration(("Portal:Auth:Roles:0:User", "ada"), ("Portal:Auth:Roles:0:Role", "admin"), ("Portal:Auth:Roles:0:Namespaces", "*")))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Read_RoleAmongSeveralProviders_MustSayWhose()
    {
        (string, string)[] two =
        [
            ("Portal:Auth:Oidc:corp:Authority", "https://login.example.com"), ("Portal:Auth:Oidc:corp:ClientId", "portal"),
            ("Portal:Auth:Oidc:partner:Authority", "https://login.example.org"), ("Portal:Auth:Oidc:partner:ClientId", "portal"),
            ("Portal:Auth:Roles:0:Group", "authors"), ("Portal:Auth:Roles:0:Role", "author"), ("Portal:Auth:Roles:0:Namespaces", "*"),
        ];

        Assert.StartsWith("Portal:Auth:Roles:0:Provider is missing", Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(Configuration(two))).Message, StringComparison.Ordinal);
        Assert.Equal("corp", Assert.Single(PortalOptionsValidator.Read(Configuration([.. two, ("Portal:Auth:Roles:0:Provider", "corp")])).SignIn.Roles).Provider);
        Assert.Null(Assert.Single(PortalOptionsValidator.Read(Configuration([.. two, ("Portal:Auth:Roles:0:Provider", "*")])).SignIn.Roles).Provider);
    }

    [Fact]
    public void Read_SeveralMistakes_ReportsThemAll()
    {
        var exception = Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(
            Configuration(("Portal:ApiServer:Port", "x"), ("Portal:Cluster:Mode", "x"), ("Portal:DataDirectory", ""))));

        Assert.Equal(3, exception.Message.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void Read_OperatorOptions_BecomeTheOperators()
    {
        var settings = PortalOptionsValidator.Read(Configuration(
            ("Portal:Role", "operator"), ("Portal:Operator:Namespaces", "shop, bank"), ("Portal:Operator:Shard", "team in (a,b)"),
            ("Portal:Operator:InstallDefinitions", "false"), ("Portal:Operator:LeaseSeconds", "6"), ("Portal:Operator:WritesPerSecond", "5")));

        var options = settings.Operator.ToOptions(settings.Role, ClusterMode.InCluster);

        Assert.Equal(["shop", "bank"], settings.Operator.NamespaceList);
        Assert.Equal((false, true, true, 5), (options.InstallDefinitions, options.LeaderElection, options.RunControllers, options.WritesPerSecond));
        Assert.Equal((TimeSpan.FromSeconds(6), false), (options.LeaseDuration, options.Shard.IsEmpty));
        Assert.NotNull(options.Share);
    }

    [Theory]
    [InlineData("auto", ClusterMode.Embedded, false)]
    [InlineData("auto", ClusterMode.Kubeconfig, true)]
    [InlineData("true", ClusterMode.Embedded, true)]
    [InlineData("false", ClusterMode.InCluster, false)]
    public void LeaderElection_Auto_IsOnWhereThereMayBeAnother(string value, ClusterMode mode, bool expected) =>
        Assert.Equal(expected, new OperatorSettings { LeaderElection = value }.ToOptions(ProcessRole.All, mode).LeaderElection);

    [Fact]
    public void ToOptions_UsageOfRunners_BecomesTheirVariables()
    {
        var settings = new OperatorSettings { UsageUrl = new Uri("http://portal.genkit/api/v1/usage"), UsageTokenSecret = "usage" };

        var variables = settings.ToOptions(ProcessRole.All, ClusterMode.InCluster).RunnerVariables;

        Assert.Equal([("GENKIT_USAGE_URL", "http://portal.genkit/api/v1/usage"), ("GENKIT_NAMESPACE", null), ("GENKIT_USAGE_TOKEN", null)], variables.Select(variable => (variable.Name, variable.Value)));
        Assert.Equal(("usage", "token", true), variables[2].ValueFrom!.SecretKeyRef is { } key ? (key.Name, key.Key, key.Optional) : default);
        Assert.Equal("metadata.namespace", variables[1].ValueFrom!.FieldRef!.FieldPath);
    }

    [Fact]
    public void Read_NamespacesForAProcessWithPages_SaysWhoMayHaveThem() => Assert.Contains("set the role to 'operator'", Assert.Throws<StartupException>(
        () => PortalOptionsValidator.Read(Configuration(("Portal:Operator:Namespaces", "shop")))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_MailServerWithMistakes_NamesThemAll()
    {
        var exception = Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(Configuration(
            ("Portal:Notifications:Smtp:Host", "mail.example.com"), ("Portal:Notifications:Smtp:Port", "smtp"), ("Portal:Notifications:Smtp:Security", "none"),
            ("Portal:Notifications:Smtp:User", "ada"), ("Portal:Notifications:Smtp:Password", "s3cr3t-word"), ("Portal:Notifications:Smtp:From", "The portal"))));

        Assert.Equal(["Smtp:From", "Smtp:Port", "Smtp:Security"], exception.Message.Split(Environment.NewLine).Select(line => line.Split(' ')[0]["Portal:Notifications:".Length..]));
        Assert.DoesNotContain("s3cr3t-word", exception.Message, StringComparison.Ordinal);
    }

    internal static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
}
