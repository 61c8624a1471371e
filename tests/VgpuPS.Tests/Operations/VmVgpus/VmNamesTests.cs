using VgpuPS.Core.Errors;
using VgpuPS.Host.Operations.Hook;
using VgpuPS.Host.Sessions;
using Xunit;

namespace VgpuPS.Tests.Operations.VmVgpus;

public sealed class VmNamesTests
{
    private readonly VmLab _lab = new();

    [Theory]
    [InlineData("101", "VM 101 (web)")]
    [InlineData(" web ", "VM 101 (web)")]
    [InlineData("DESK", "VM 104 (desk)")]
    public void A_vm_is_found_by_number_or_name(string text, string label) =>
        Assert.Equal(label, _lab.Plan(HostUseCases.RegisterVgpuHook, Of(text)).Plan.Target);

    [Fact]
    public void A_name_with_spaces_is_one_name()
    {
        _lab.PutFile("/etc/pve/nodes/pve1/qemu-server/150.conf", "name: my web server\nmemory: 512\n");
        Assert.Equal(
            "VM 150 (my web server)", _lab.Plan(HostUseCases.RegisterVgpuHook, Of("my web server")).Plan.Target);
    }

    [Fact]
    public void A_vm_without_a_name_is_found_by_number()
    {
        _lab.PutFile("/etc/pve/nodes/pve1/qemu-server/150.conf", "memory: 512\n");
        Assert.Equal("VM 150", _lab.Plan(HostUseCases.RegisterVgpuHook, Of("150")).Plan.Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void No_vm_is_refused(string text) => _lab.Refuses<InvalidRequestException, RegisterVgpuHookRequest>(
        HostUseCases.RegisterVgpuHook, Of(text), ErrorIds.MissingParameter);

    [Theory]
    [InlineData("777")]
    [InlineData("nobody")]
    [InlineData("99")]
    public void A_vm_that_does_not_exist_is_refused(string text) =>
        _lab.Refuses<ObjectNotFoundException, RegisterVgpuHookRequest>(
            HostUseCases.RegisterVgpuHook, Of(text), ErrorIds.VmNotFound, text, "qm list");

    [Fact]
    public void Two_vms_of_one_name_are_refused_with_both_numbers() => _lab
        .PutFile("/etc/pve/nodes/pve1/qemu-server/150.conf", "name: web\n")
        .Refuses<InvalidRequestException, RegisterVgpuHookRequest>(
            HostUseCases.RegisterVgpuHook, Of("web"), ErrorIds.AmbiguousVm, "101, 150");

    [Theory]
    [InlineData("150")]
    [InlineData("far")]
    public void A_vm_of_another_node_is_refused_with_that_node(string text) => _lab
        .PutFile("/etc/pve/nodes/pve7/qemu-server/150.conf", "name: far\n")
        .Refuses<ObjectNotFoundException, RegisterVgpuHookRequest>(
            HostUseCases.RegisterVgpuHook, Of(text), ErrorIds.VmNotFound, "pve7");

    private static RegisterVgpuHookRequest Of(string vm) => new() { Vm = vm };
}
