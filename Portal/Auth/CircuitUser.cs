using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Portal.Auth;

/// <summary>Gives a circuit the user of the connection that opened it, before any component is made.</summary>
internal sealed class CircuitUser(CurrentUser user, AuthenticationStateProvider authentication, IHttpContextAccessor http) : CircuitHandler
{
    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var state = await authentication.GetAuthenticationStateAsync();
        user.Become(state.User, http.HttpContext?.Connection.RemoteIpAddress?.ToString());
    }
}
