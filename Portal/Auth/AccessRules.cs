namespace Portal.Auth;

/// <summary>Who may use an address: on each page (attribute) and each endpoint of the REST API (metadata). An address without a rule is served to nobody.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, Inherited = false)]
public abstract class AccessRuleAttribute : Attribute
{
    public abstract bool Admits(CurrentUser user, string? @namespace);

    /// <exception cref="AccessDeniedException">It does not admit them.</exception>
    public abstract void Demand(CurrentUser user, string? @namespace);
}

/// <summary>Takes a permission in the namespace of the address (<c>{namespace}</c>); where it names none, in all of them.</summary>
public sealed class RequiresAttribute(Permission permission) : AccessRuleAttribute
{
    public Permission Permission => permission;

    /// <summary>The permission in any namespace is enough: what is served then filters by namespace itself.</summary>
    public bool Somewhere { get; init; }

    public override bool Admits(CurrentUser user, string? @namespace) =>
        Somewhere ? user.MaySomewhere(permission) : user.May(permission, @namespace);

    public override void Demand(CurrentUser user, string? @namespace)
    {
        if (!Admits(user, @namespace))
        {
            user.Demand(permission, @namespace);
        }
    }
}

/// <summary>Takes a sign-in and nothing more.</summary>
public sealed class RequiresSignInAttribute : AccessRuleAttribute
{
    public override bool Admits(CurrentUser user, string? @namespace) => user.IsSignedIn;

    public override void Demand(CurrentUser user, string? @namespace)
    {
        if (!user.IsSignedIn)
        {
            throw new AccessDeniedException(user.Actor, Permission.ReadNamespace, @namespace);
        }
    }
}

/// <summary>For everyone, also before signing in.</summary>
/// <param name="reason">Why that is safe.</param>
public sealed class OpenToAllAttribute(string reason) : AccessRuleAttribute
{
    public string Reason => reason;

    public override bool Admits(CurrentUser user, string? @namespace) => true;

    public override void Demand(CurrentUser user, string? @namespace)
    {
    }
}

/// <summary>Gives rules to endpoints.</summary>
public static class AccessRuleExtensions
{
    public static TBuilder Requires<TBuilder>(this TBuilder builder, Permission permission, bool somewhere = false) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiresAttribute(permission) { Somewhere = somewhere });

    public static TBuilder RequiresSignIn<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequiresSignInAttribute());

    public static TBuilder OpenToAll<TBuilder>(this TBuilder builder, string reason) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new OpenToAllAttribute(reason));
}
