using Portal.Endpoints;

namespace Portal.Tests.Portal;

public class ListenAddressesTests
{
    [Fact]
    public void Read_NothingSet_IsTheDefault() =>
        Assert.Equal(["http://127.0.0.1:5080"], ListenAddresses.Read(PortalOptionsValidatorTests.Configuration(), hasSignIn: false));

    [Theory]
    [InlineData("http://localhost:0")]
    [InlineData("http://127.0.0.1:1;http://[::1]:2")]
    public void Read_Loopback_IsTaken(string urls) =>
        Assert.Equal(urls.Split(';'), ListenAddresses.Read(PortalOptionsValidatorTests.Configuration(("urls", urls)), hasSignIn: false));

    [Theory]
    [InlineData("urls", "http://0.0.0.0:5080")]
    [InlineData("urls", "http://*:5080")]
    [InlineData("urls", "http://+:80")]
    [InlineData("urls", "http://127.0.0.1:1;http://10.0.0.1:2")]
    [InlineData("urls", "http://[::]:5080")]
    [InlineData("urls", "http://localhost.example:5080")]
    [InlineData("Kestrel:Endpoints:All:Url", "http://*:5080")]
    public void Read_ReachableFromOutside_IsRefusedWithTheReason(string key, string value)
    {
        var exception = Assert.Throws<StartupException>(() => ListenAddresses.Read(PortalOptionsValidatorTests.Configuration((key, value)), hasSignIn: false));

        Assert.Contains("no sign-in is configured", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Read_ReachableFromOutsideWithSignIn_IsTaken() =>
        Assert.Equal(["http://0.0.0.0:5080"], ListenAddresses.Read(PortalOptionsValidatorTests.Configuration(("urls", "http://0.0.0.0:5080")), hasSignIn: true));

    [Theory]
    [InlineData("five-oh-eighty")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("ftp://127.0.0.1:5080")]
    public void Read_NoAddress_IsRefused(string urls) =>
        Assert.Contains($"'{urls}' is not an address", Assert.Throws<StartupException>(
            () => ListenAddresses.Read(PortalOptionsValidatorTests.Configuration(("urls", urls)), hasSignIn: false)).Message, StringComparison.Ordinal);
}
