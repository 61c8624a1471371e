BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    $driver = '/root/NVIDIA-Linux-x86_64-580.105.08-grid.run'
}

Describe 'Install-VmVgpuDriver' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101 A30-6C
        Add-VmVgpu 102 A30-6C
        Start-LabVm 101
        Set-LabGuest 101 -Driver ''
    }

    It 'installs a driver and sees it' {
        (Get-VmVgpuDriver 101).Verdict | Should -Be 'Missing'
        $done = Install-VmVgpuDriver 101 -Path $driver -Confirm:$false -PassThru
        $done.GuestDriver | Should -Be '580.105.08'
        $done.Verdict | Should -Be 'SameBranch'
    }

    It 'asks before it restarts a guest' {
        $text = Invoke-TestProcess "
            Connect-VgpuHost -Lab A30 | Out-Null; Enable-Sriov 0; Add-VmVgpu 101 A30-6C; Start-LabVm 101; Set-LabGuest 101 -Driver ''
            Install-VmVgpuDriver 101 -Path $driver"
        $text -join "`n" | Should -Match 'must be confirmed'
    }

    It 'shows with -WhatIf what it would do' {
        Install-VmVgpuDriver 101 -Path $driver -WhatIf
        (Get-VmVgpuDriver 101).GuestDriver | Should -BeNullOrEmpty
    }

    It 'refuses <Path>' -ForEach @(
        @{ Path = '/root/none.run'; Id = 'ReadFailed' }
        @{ Path = 'driver.run'; Id = 'InvalidRequest' }
        @{ Path = '/root'; Id = 'InvalidRequest' }
        @{ Path = '/root/x.exe'; Id = 'ReadFailed' }
    ) {
        (Get-TestError { Install-VmVgpuDriver 101 -Path $Path -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }
}
