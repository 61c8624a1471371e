BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'Lab.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Uninstall-VgpuHost' -Prepare 'Add-VmVgpu 101 A30-6C' -Wrong @(
    , @('Uninstall-VgpuHost -WhatIf', 'HookInUse', 'ResourceBusy')
    , @('Uninstall-VgpuHost -Confirm:$false', 'HookInUse', 'ResourceBusy')
    , @('Uninstall-VgpuHost -Session nobody', 'SessionNotFound', 'ObjectNotFound')
    , @('Uninstall-VgpuHost -Session localhost -WhatIf', 'NotAProxmoxHost', 'NotEnabled')
    , @('Uninstall-VgpuHost -HostName 127.0.0.1:1 -WhatIf', 'HostUnreachable', 'ConnectionError')
    , @('Uninstall-VgpuHost -HostName -oProxyCommand=x', 'InvalidRequest', 'InvalidArgument')
) -Complete @(, @('Uninstall-VgpuHost -Session la', 'lab'))

Describe 'Uninstall-VgpuHost' {
    BeforeEach {
        $state = Join-Path $TestDrive 'host.json'
        Connect-TestLabFile $state
        Install-VgpuHost
    }

    AfterAll { Disconnect-All }

    It 'prints its plan with -WhatIf, asks by itself, and does it after a yes only' {
        $units = '/etc/systemd/system/vgpups.service'
        $text = (Invoke-TestSession @(
            "Connect-VgpuHost -LabState '$state' -Name lab | Out-Null", 'Uninstall-VgpuHost -WhatIf', "'--'", 'Uninstall-VgpuHost', 'n')) -join "`n"
        $text | Should -Match 'What if: Uninstall-VgpuHost on node pve1:\n +1\. stop and disable vgpups'
        $text.Substring($text.IndexOf('--')) | Should -Match 'Carry it out\?'
        Invoke-TestLab $state cat, $units | Should -Not -BeNullOrEmpty
        Invoke-TestSession "Connect-VgpuHost -LabState '$state' -Name lab | Out-Null", 'Uninstall-VgpuHost', 'y' | Out-Null
        { Invoke-TestLab $state cat, $units } | Should -Throw
    }

    It 'says what to do where it must ask and nobody is there' {
        $failure = Get-TestError { Uninstall-VgpuHost }
        $failure.FullyQualifiedErrorId | Should -Be 'ConfirmationRequired,VgpuPS.Commands.UninstallVgpuHostCommand'
        $failure.CategoryInfo.Category | Should -Be 'NotEnabled'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Confirm:\$false'
        Invoke-TestLab $state cat, /etc/systemd/system/vgpups.service | Should -Not -BeNullOrEmpty
    }

    It 'leaves configuration unless it is to go too, and GPUs in any case' {
        Enable-Sriov 0
        $before = Get-Gpu | ConvertTo-Json
        Uninstall-VgpuHost -Confirm:$false | Should -BeNullOrEmpty
        Invoke-TestLab $state cat, /etc/vgpups/config.json | Should -Be '{}'
        Get-Gpu | ConvertTo-Json | Should -Be $before
        Uninstall-VgpuHost -RemoveConfiguration -Confirm:$false
        { Invoke-TestLab $state cat, /etc/vgpups/config.json } | Should -Throw
    }

    It 'names the VMs that still have the hook, and the command that takes it off' {
        Add-VmVgpu 101, 102 A30-6C
        $failure = Get-TestError { Uninstall-VgpuHost -Confirm:$false }
        $failure.ErrorDetails.Message | Should -Match 'VM 101 \(web\), VM 102 \(build\)'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'Unregister-VgpuHook -Force'
        Get-VgpuHook | Unregister-VgpuHook -Force -Confirm:$false
        Uninstall-VgpuHost -Confirm:$false
        { Invoke-TestLab $state cat, /etc/systemd/system/vgpups.service } | Should -Throw
    }

    It 'takes hosts from the pipeline and goes on after one that fails' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        Add-VmVgpu 101 A30-6C -Session other
        (Get-TestError { Uninstall-VgpuHost -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousSession,*'
        Get-VgpuHost | Uninstall-VgpuHost -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be 'HookInUse,VgpuPS.Commands.UninstallVgpuHostCommand'
        { Invoke-TestLab $state cat, /etc/systemd/system/vgpups.service } | Should -Throw
    }

    It 'takes it off over SSH, and shows with -WhatIf what would go' {
        $folder = Enter-TestSsh
        try {
            Copy-Item $state (Join-Path $folder 'pve1.json')
            $text = Invoke-TestProcess 'Uninstall-VgpuHost root@pve1 -WhatIf'
            $text | Should -Contain 'What if: Uninstall-VgpuHost on node pve1:'
            Invoke-TestLab (Join-Path $folder 'pve1.json') cat, /etc/systemd/system/vgpups.service | Should -Not -BeNullOrEmpty
            Uninstall-VgpuHost pve9, root@pve1 -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures.FullyQualifiedErrorId | Should -Be 'HostUnreachable,VgpuPS.Commands.UninstallVgpuHostCommand'
            { Invoke-TestLab (Join-Path $folder 'pve1.json') cat, /etc/systemd/system/vgpups.service } | Should -Throw
        }
        finally {
            Exit-TestSsh
        }
    }
}
