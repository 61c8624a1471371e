BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Export-VgpuLayout' -Wrong @(
    , @('Export-VgpuLayout -Gpu 9', 'DeviceNotFound', 'ObjectNotFound')
) -Complete @(, @('Export-VgpuLayout -Gpu 0000:4b', '0000:4b:00.0'))

Add-ChangingTest 'Export-VgpuLayout' -NoPassThru -Line 'Export-VgpuLayout -Save' -Plan 'write the layout of 2 GPUs to /etc/vgpups/layout\.json' -Once

Describe 'Export-VgpuLayout' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-MigMode 0 -Reset
        Enable-Sriov 0
        New-MigInstance 0 -Profile 2g.12gb
    }

    It 'writes what is there to the pipeline' {
        $layout = Export-VgpuLayout
        $layout.Gpus.Count | Should -Be 2
        $layout.Gpus[0].Instances.Profile | Should -Be '2g.12gb'
    }

    It 'shows what is on each GPU' {
        $text = Export-VgpuLayout | Out-String
        $text | Should -Match '0000:4b:00\.0: functions on, MIG on, instances 2g\.12gb at 0:2'
        $text | Should -Match '0000:ca:00\.0: functions off, MIG off'
    }

    It 'writes a file that can be applied, of some GPUs where that is asked for' {
        $path = Join-Path $TestDrive 'layout.json'
        Export-VgpuLayout $path -Gpu 0
        (Get-Content $path -Raw | ConvertFrom-Json).gpus.Count | Should -Be 1
        Test-VgpuLayout $path -Quiet | Should -BeTrue
        Export-VgpuLayout (Join-Path $TestDrive 'no.json') -WhatIf
        Join-Path $TestDrive 'no.json' | Should -Not -Exist
    }

    It 'leaves out what the hook made' {
        Add-VmVgpu 101 -Profile 1g.6gb
        Start-LabVm 101
        (Export-VgpuLayout).Gpus[0].Instances.Profile | Should -Be '2g.12gb'
    }
}
