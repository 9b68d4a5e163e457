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
    [InlineData("Portal:Operator:LeaderElection", "perhaps")]
    [InlineData("Portal:Operator:RunInformers", "false")]
    [InlineData("Logging:LogLevel:Default", "Loud")]
    [InlineData("Logging:Console:LogLevel:Microsoft", "Loud")]
    public void Read_WrongValue_NamesItsKey(string key, string value)
    {
        var exception = Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(Configuration((key, value))));

        Assert.StartsWith(key + " is ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralMistakes_ReportsThemAll()
    {
        var exception = Assert.Throws<StartupException>(() => PortalOptionsValidator.Read(
            Configuration(("Portal:ApiServer:Port", "x"), ("Portal:Cluster:Mode", "x"), ("Portal:DataDirectory", ""))));

        Assert.Equal(3, exception.Message.Split(Environment.NewLine).Length);
    }

    [Fact]
    public void Read_OperatorOptions_AreBound()
    {
        var options = PortalOptionsValidator.Read(Configuration(("Portal:Operator:InstallDefinitions", "false"), ("Portal:Operator:LeaderElection", "true"))).Operator;

        Assert.Equal((false, true, true), (options.InstallDefinitions, options.LeaderElection, options.RunInformers));
    }

    internal static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();
}
