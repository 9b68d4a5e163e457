namespace Portal.Tests.Portal.Auth;

/// <summary>One portal with sign-in for the tests that need no fresh one.</summary>
[CollectionDefinition(Name)]
public sealed class SignInCollection : ICollectionFixture<SignInFixture>
{
    public const string Name = "portal with sign-in";
}
